package main

import (
	"bytes"
	"compress/gzip"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"flag"
	"io"
	"math/big"
	"os"
	"strconv"
	"strings"
)

// A site stands for the addresses that begin with base.
type site struct{ base, at string }

func (s site) get(address string) ([]byte, error) {
	rest, found := strings.CutPrefix(address, s.base+"/")
	if !found {
		return nil, wrong("elsewhere", "%s", address)
	}
	path, _, _ := strings.Cut(rest, "#")
	return sourceAt(s.at).get(path)
}

type credential struct {
	Issuer  json.RawMessage `json:"issuer"`
	ID      string          `json:"id"`
	Iss     string          `json:"iss"`
	Jti     string          `json:"jti"`
	Sub     string          `json:"sub"`
	Types   []string        `json:"type"`
	Subject struct {
		ID          string `json:"id"`
		EncodedList string `json:"encodedList"`
		Achievement struct {
			Name string `json:"name"`
		} `json:"achievement"`
	} `json:"credentialSubject"`
	Status struct {
		Index string `json:"statusListIndex"`
		List  string `json:"statusListCredential"`
	} `json:"credentialStatus"`
}

// opened checks a VC-JWT (Open Badges 3.0, 8.2.4) with the key that its header leads to.
func opened(from site, token string) (credential, error) {
	var found credential
	parts := strings.Split(strings.TrimSpace(token), ".")
	if len(parts) != 3 {
		return found, wrong("malformed", "not a compact JWS")
	}
	var decoded [3][]byte
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.Strict().DecodeString(part); err != nil {
			return found, wrong("malformed", "%v", err)
		}
	}
	var header struct{ Alg, Kid, Typ string }
	if err := json.Unmarshal(decoded[0], &header); err != nil {
		return found, wrong("malformed", "%v", err)
	}
	if header.Alg != "RS256" {
		return found, wrong("algorithm", "%s", header.Alg)
	}
	text, err := from.get(header.Kid)
	if err != nil {
		return found, err
	}
	var jwk struct{ Kty, N, E string }
	if err := json.Unmarshal(text, &jwk); err != nil {
		return found, wrong("malformed", "%v", err)
	}
	modulus, err := base64.RawURLEncoding.DecodeString(jwk.N)
	if err != nil {
		return found, wrong("malformed", "%v", err)
	}
	exponent, err := base64.RawURLEncoding.DecodeString(jwk.E)
	if err != nil {
		return found, wrong("malformed", "%v", err)
	}
	key := &rsa.PublicKey{
		N: new(big.Int).SetBytes(modulus), E: int(new(big.Int).SetBytes(exponent).Int64()),
	}
	sum := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if err := rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], decoded[2]); err != nil {
		return found, wrong("signature_wrong", "%v", err)
	}
	if err := json.Unmarshal(decoded[1], &found); err != nil {
		return found, wrong("malformed", "%v", err)
	}
	if found.Jti != found.ID || found.Sub != found.Subject.ID || found.Iss != issuerOf(found) {
		return found, wrong("claims_differ", "%s %s %s", found.Iss, found.Jti, found.Sub)
	}
	return found, nil
}

func issuerOf(found credential) string {
	var id string
	if json.Unmarshal(found.Issuer, &id) == nil {
		return id
	}
	var profile struct{ ID string }
	_ = json.Unmarshal(found.Issuer, &profile)
	return profile.ID
}

// isSet reads one bit of a list (Bitstring Status List, 3.2), the highest of a byte first.
func isSet(list string, index int) (bool, error) {
	packed, found := strings.CutPrefix(list, "u")
	if !found {
		return false, wrong("malformed", "the list is not base64url")
	}
	raw, err := base64.RawURLEncoding.DecodeString(packed)
	if err != nil {
		return false, wrong("malformed", "%v", err)
	}
	reader, err := gzip.NewReader(bytes.NewReader(raw))
	if err != nil {
		return false, wrong("malformed", "%v", err)
	}
	bits, err := io.ReadAll(reader)
	if err != nil {
		return false, wrong("malformed", "%v", err)
	}
	if len(bits) < 16*1024 || index/8 >= len(bits) {
		return false, wrong("malformed", "%d bytes", len(bits))
	}
	return bits[index/8]&(0x80>>(index%8)) != 0, nil
}

func badgeCommand(arguments []string) (string, error) {
	set := flag.NewFlagSet("badge", flag.ExitOnError)
	file := set.String("file", "", "the signed credential")
	var from site
	set.StringVar(&from.base, "base", "", "how the credential's addresses begin")
	set.StringVar(&from.at, "site", "", "where those are served")
	_ = set.Parse(arguments)
	token, err := os.ReadFile(*file)
	if err != nil {
		return "", err
	}
	badge, err := opened(from, string(token))
	if err != nil {
		return "", err
	}
	text, err := from.get(badge.Status.List)
	if err != nil {
		return "", err
	}
	list, err := opened(from, string(text))
	if err != nil {
		return "", err
	}
	if list.Iss != badge.Iss || list.ID != badge.Status.List {
		return "", wrong("list_differs", "%s of %s", list.ID, list.Iss)
	}
	index, err := strconv.Atoi(badge.Status.Index)
	if err != nil {
		return "", wrong("malformed", "%v", err)
	}
	revoked, err := isSet(list.Subject.EncodedList, index)
	if err != nil {
		return "", err
	}
	if revoked {
		return "", wrong("revoked", "%s", badge.ID)
	}
	return badge.Subject.Achievement.Name, nil
}
