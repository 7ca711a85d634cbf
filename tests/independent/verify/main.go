// Verify checks a log of Kyojo with the packages that Go uses for its own checksum database
// (golang.org/x/mod/sumdb/note and tlog). It shares nothing with Kyojo but the public texts
// (RFC 6962 and c2sp.org), so that a mistake in our reading of them would show.
//
//	verify log     -log FOLDER|http://HOST:PORT/PREFIX/ -key VKEY [-witness VKEY]… [-quorum N]
//	               [-now SECONDS -fresh SECONDS] [-seen FOLDER] [-inclusions N]
//	verify proof   -file PROOF -leaf FILE -key VKEY [-witness VKEY]… [-quorum N]
//	verify request -file BODY -old CHECKPOINT -key VKEY
//	verify sign    NAME TEXT
//	verify badge   -file JWT -base ADDRESS -site http://HOST:PORT/
//
// It prints one line, "ok …" (exit 0) or "CODE: what is wrong" (exit 1) with a code of
// docs/reference/log.md; exit 2 when it was called wrongly.
package main

import (
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/note"
)

// A fault is what is wrong with a log, by its code.
type fault struct{ code, what string }

func (f fault) Error() string { return f.code + ": " + f.what }

func wrong(code, format string, values ...any) error {
	return fault{code, fmt.Sprintf(format, values...)}
}

// texts is a flag that may be given several times.
type texts []string

func (t *texts) String() string         { return strings.Join(*t, " ") }
func (t *texts) Set(value string) error { *t = append(*t, value); return nil }

// trust is whom the caller believes.
type trust struct {
	key        string
	witnesses  texts
	quorum     int
	now, fresh int64
}

func (t *trust) flags(set *flag.FlagSet) {
	set.StringVar(&t.key, "key", "", "the log's verifier key")
	set.Var(&t.witnesses, "witness", "a witness's verifier key")
	set.IntVar(&t.quorum, "quorum", 0, "how many witnesses have to have cosigned")
	set.Int64Var(&t.now, "now", 0, "the moment, in seconds since 1970")
	set.Int64Var(&t.fresh, "fresh", 0, "how many seconds ago the quorum may have cosigned")
}

func main() {
	if len(os.Args) < 2 {
		fmt.Println("verify log|proof|request|sign|badge …")
		os.Exit(2)
	}
	commands := map[string]func([]string) (string, error){
		"log": logCommand, "proof": proofCommand, "request": requestCommand, "sign": signCommand,
		"badge": badgeCommand,
	}
	command := commands[os.Args[1]]
	if command == nil {
		fmt.Println("no such command:", os.Args[1])
		os.Exit(2)
	}
	line, err := command(os.Args[2:])
	var found fault
	switch {
	case err == nil:
		fmt.Println("ok " + line)
	case errors.As(err, &found):
		fmt.Println(found)
		os.Exit(1)
	default:
		fmt.Println(err)
		os.Exit(2)
	}
}

func logCommand(arguments []string) (string, error) {
	set := flag.NewFlagSet("log", flag.ExitOnError)
	var whom trust
	whom.flags(set)
	place := set.String("log", "", "a folder or a URL")
	seen := set.String("seen", "", "a folder of checkpoints seen before")
	inclusions := set.Int64("inclusions", 100, "of how many leaves to prove inclusion")
	if err := set.Parse(arguments); err != nil {
		return "", err
	}
	return checkLog(sourceAt(*place), whom, *seen, *inclusions)
}

func proofCommand(arguments []string) (string, error) {
	set := flag.NewFlagSet("proof", flag.ExitOnError)
	var whom trust
	whom.flags(set)
	file := set.String("file", "", "the proof")
	leaf := set.String("leaf", "", "the leaf")
	if err := set.Parse(arguments); err != nil {
		return "", err
	}
	proof, err := os.ReadFile(*file)
	if err != nil {
		return "", err
	}
	entry, err := os.ReadFile(*leaf)
	if err != nil {
		return "", err
	}
	return checkProof(proof, entry, whom)
}

func requestCommand(arguments []string) (string, error) {
	set := flag.NewFlagSet("request", flag.ExitOnError)
	var whom trust
	whom.flags(set)
	file := set.String("file", "", "what is posted to a witness")
	old := set.String("old", "", "the checkpoint that the witness has")
	if err := set.Parse(arguments); err != nil {
		return "", err
	}
	body, err := os.ReadFile(*file)
	if err != nil {
		return "", err
	}
	stored, err := os.ReadFile(*old)
	if err != nil {
		return "", err
	}
	return checkRequest(body, stored, whom)
}

// signCommand makes a key and signs with it, so that Kyojo can be asked to read what Go wrote.
func signCommand(arguments []string) (string, error) {
	if len(arguments) != 2 {
		return "", errors.New("verify sign NAME TEXT")
	}
	private, public, err := note.GenerateKey(rand.Reader, arguments[0])
	if err != nil {
		return "", err
	}
	signer, err := note.NewSigner(private)
	if err != nil {
		return "", err
	}
	signed, err := note.Sign(&note.Note{Text: arguments[1]}, signer)
	return private + "\n" + public + "\n" + string(signed), err
}
