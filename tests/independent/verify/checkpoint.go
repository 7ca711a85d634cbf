package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// A cosigner is a witness's key: a note.Verifier for signatures of type 4 (tlog-cosignature).
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func newCosigner(vkey string) (*cosigner, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, errors.New("a verifier key has three parts")
	}
	data, err := base64.StdEncoding.Strict().DecodeString(parts[2])
	if err != nil || len(data) != 1+ed25519.PublicKeySize || data[0] != 4 {
		return nil, errors.New("not the key of a witness")
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), data...))
	if hex.EncodeToString(sum[:4]) != parts[1] {
		return nil, errors.New("not the id of this key")
	}
	return &cosigner{parts[0], binary.BigEndian.Uint32(sum[:4]), data[1:]}, nil
}

func (c *cosigner) Name() string    { return c.name }
func (c *cosigner) KeyHash() uint32 { return c.hash }

func (c *cosigner) Verify(message, signature []byte) bool {
	if len(signature) != 8+ed25519.SignatureSize {
		return false
	}
	seconds := binary.BigEndian.Uint64(signature)
	if seconds > math.MaxInt64 {
		return false
	}
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", seconds, message)
	return ed25519.Verify(c.key, []byte(signed), signature[8:])
}

// A checkpoint is a head whose signatures have been verified.
type checkpoint struct {
	origin   string
	tree     tlog.Tree
	cosigned []int64 // when each witness cosigned it
}

// open verifies a checkpoint's signatures, quorum and age.
func (t trust) open(data []byte) (checkpoint, error) {
	log, err := note.NewVerifier(t.key)
	if err != nil {
		return checkpoint{}, err
	}
	verifiers := []note.Verifier{log}
	for _, vkey := range t.witnesses {
		witness, err := newCosigner(vkey)
		if err != nil {
			return checkpoint{}, err
		}
		verifiers = append(verifiers, witness)
	}
	opened, err := note.Open(data, note.VerifierList(verifiers...))
	var invalid *note.InvalidSignatureError
	var unverified *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return checkpoint{}, wrong("signature_invalid", "%v", err)
	case errors.As(err, &unverified):
		return checkpoint{}, wrong("signature_missing", "%v", err)
	case err != nil:
		return checkpoint{}, wrong("note_malformed", "%v", err)
	}
	signed := false
	var cosigned []int64
	for _, each := range opened.Sigs {
		if each.Name == log.Name() && each.Hash == log.KeyHash() {
			signed = true
			continue
		}
		bytes, err := base64.StdEncoding.DecodeString(each.Base64)
		if err != nil {
			return checkpoint{}, wrong("note_malformed", "%v", err)
		}
		cosigned = append(cosigned, int64(binary.BigEndian.Uint64(bytes[4:12])))
	}
	if !signed {
		return checkpoint{}, wrong("signature_missing", "only witnesses signed")
	}
	origin, tree, err := parseCheckpoint(opened.Text)
	if err != nil {
		return checkpoint{}, err
	}
	if origin != log.Name() {
		return checkpoint{}, wrong("origin_differs", "%q is not %q", origin, log.Name())
	}
	return checkpoint{origin, tree, cosigned}, t.quorumCheck(cosigned)
}

func (t trust) quorumCheck(cosigned []int64) error {
	if len(cosigned) < t.quorum {
		return wrong("quorum_missing", "%d of %d", len(cosigned), t.quorum)
	}
	if t.fresh == 0 {
		return nil
	}
	fresh := 0
	for _, at := range cosigned {
		if at >= t.now-t.fresh && at <= t.now+300 {
			fresh++
		}
	}
	if fresh < max(1, t.quorum) {
		return wrong("stale", "%d of %d within %d seconds", fresh, t.quorum, t.fresh)
	}
	return nil
}

func parseCheckpoint(text string) (string, tlog.Tree, error) {
	lines := strings.Split(text, "\n")
	if len(lines) < 4 || lines[0] == "" || lines[len(lines)-1] != "" {
		return "", tlog.Tree{}, wrong("checkpoint_malformed", "not three lines")
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return "", tlog.Tree{}, wrong("checkpoint_malformed", "size %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return "", tlog.Tree{}, wrong("checkpoint_malformed", "root %q", lines[2])
	}
	return lines[0], tlog.Tree{N: size, Hash: root}, nil
}

// hashLines reads hashes, a line of Base 64 each.
func hashLines(lines []string) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, line := range lines {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return nil, wrong("proof_malformed", "%q", line)
		}
		hashes = append(hashes, hash)
	}
	return hashes, nil
}

// checkProof verifies a file as c2sp.org/tlog-proof describes it.
func checkProof(proof, leaf []byte, whom trust) (string, error) {
	head, signed, found := strings.Cut(string(proof), "\n\n")
	lines := strings.Split(head, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return "", wrong("proof_malformed", "no header")
	}
	lines = lines[1:]
	if strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	number, found := strings.CutPrefix(lines[0], "index ")
	index, err := strconv.ParseInt(number, 10, 64)
	if !found || err != nil || strconv.FormatInt(index, 10) != number {
		return "", wrong("proof_malformed", "no index")
	}
	hashes, err := hashLines(lines[1:])
	if err != nil {
		return "", err
	}
	newest, err := whom.open([]byte(signed))
	if err != nil {
		return "", err
	}
	if index >= newest.tree.N {
		return "", wrong("inclusion_fails", "no leaf %d", index)
	}
	err = tlog.CheckRecord(hashes, newest.tree.N, newest.tree.Hash, index, tlog.RecordHash(leaf))
	if err != nil {
		return "", wrong("inclusion_fails", "%v", err)
	}
	return fmt.Sprintf("index=%d size=%d", index, newest.tree.N), nil
}

// checkRequest verifies the body of add-checkpoint (c2sp.org/tlog-witness) as a witness would.
func checkRequest(body, stored []byte, whom trust) (string, error) {
	head, signed, _ := strings.Cut(string(body), "\n\n")
	lines := strings.Split(head, "\n")
	hashes, err := hashLines(lines[1:])
	if err != nil {
		return "", err
	}
	old, err := whom.open(stored)
	if err != nil {
		return "", err
	}
	newest, err := whom.open([]byte(signed))
	if err != nil {
		return "", err
	}
	if lines[0] != fmt.Sprintf("old %d", old.tree.N) {
		return "", wrong("size_conflict", "the witness has %d", old.tree.N)
	}
	return fmt.Sprintf("old=%d size=%d", old.tree.N, newest.tree.N),
		checkTree(hashes, newest.tree, old.tree)
}

// checkTree is tlog.CheckTree with the codes of docs/reference/log.md.
func checkTree(proof tlog.TreeProof, newest, old tlog.Tree) error {
	if newest.N < old.N {
		return wrong("rolled_back", "%d leaves were seen, now %d", old.N, newest.N)
	}
	if err := tlog.CheckTree(proof, newest.N, newest.Hash, old.N, old.Hash); err != nil {
		return wrong("consistency_fails", "%d does not continue %d: %v", newest.N, old.N, err)
	}
	return nil
}
