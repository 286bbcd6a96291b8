package script

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// Above this many bytes a body is told by its length and hash.
const longestBody = 64 * 1024

// An answer as every client has it, whatever its own type for it is.
type Answer struct {
	Status int
	Header http.Header
	Body   io.ReadCloser
}

type record struct {
	Step      string            `json:"step"`
	Exception string            `json:"exception,omitempty"`
	Message   string            `json:"message,omitempty"`
	Status    int               `json:"status,omitempty"`
	Headers   map[string]string `json:"headers,omitempty"`
	Body      any               `json:"body"`
	Warnings  []string          `json:"warnings"`
}

// step makes a call, writes down what came of it in a line of JSON on standard output, and gives the parsed answer.
// A refusal is no error to Go's clients; it is written down as one, so that all transcripts are read alike.
func step(name string, call func() (*Answer, error)) map[string]any {
	written := record{Step: name, Warnings: []string{}}
	answer, err := call()
	if err != nil {
		written.Exception, written.Message = fmt.Sprintf("%T", err), err.Error()
		write(written)
		return nil
	}
	var text []byte
	if answer.Body != nil {
		defer answer.Body.Close()
		if text, err = io.ReadAll(answer.Body); err != nil {
			written.Exception, written.Message = fmt.Sprintf("%T", err), err.Error()
		}
	}
	written.Status = answer.Status
	if answer.Status >= 400 {
		written.Exception = "status"
	}
	written.Headers = map[string]string{}
	for field, values := range answer.Header {
		written.Headers[field] = strings.Join(values, ", ")
	}
	written.Warnings = append(written.Warnings, answer.Header.Values("Warning")...)
	var parsed any
	if json.Unmarshal(text, &parsed) != nil {
		parsed = string(text)
	}
	written.Body = shortened(parsed, text)
	write(written)
	body, _ := parsed.(map[string]any)
	return body
}

func shortened(parsed any, text []byte) any {
	if len(text) <= longestBody {
		return parsed
	}
	return map[string]any{"length": len(text), "sha256": fmt.Sprintf("%x", sha256.Sum256(text))}
}

func write(written record) {
	line, err := json.Marshal(written)
	if err != nil {
		panic(err)
	}
	fmt.Println(string(line))
}
