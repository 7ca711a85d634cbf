package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
)

// A source is where a log's files are.
type source interface {
	get(path string) ([]byte, error)
}

func sourceAt(place string) source {
	if rest, found := strings.CutPrefix(place, "http://"); found {
		host, prefix, _ := strings.Cut(strings.TrimSuffix(rest, "/"), "/")
		return server{host, prefix}
	}
	return folder(place)
}

type folder string

func (f folder) get(path string) ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(string(f), path))
	if err != nil {
		return nil, wrong("missing", "%s", path)
	}
	return data, nil
}

// A server is asked in HTTP/1.0: net/http alone would take longer to build than all the rest.
type server struct{ host, prefix string }

func (s server) get(path string) ([]byte, error) {
	connection, err := net.Dial("tcp", s.host)
	if err != nil {
		return nil, err
	}
	defer connection.Close()
	_, err = fmt.Fprintf(connection, "GET /%s/%s HTTP/1.0\r\nHost: %s\r\n\r\n", s.prefix, path, s.host)
	if err != nil {
		return nil, err
	}
	answer, err := io.ReadAll(connection)
	if err != nil {
		return nil, err
	}
	head, body, found := bytes.Cut(answer, []byte("\r\n\r\n"))
	status, _, _ := strings.Cut(string(head), "\r\n")
	if !found || !strings.Contains(status, " 200 ") {
		return nil, wrong("missing", "%s: %s", path, status)
	}
	return body, nil
}
