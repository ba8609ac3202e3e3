// Does what the event says, under AWS's client for Go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type asked struct {
	Case string `json:"case"`
}

type trouble struct{ code int }

func (t *trouble) Error() string { return fmt.Sprintf("trouble %d", t.code) }

func plain(ctx context.Context, event json.RawMessage) (any, error) {
	var given asked
	_ = json.Unmarshal(event, &given)
	switch given.Case {
	case "error":
		return nil, errors.New("no luck")
	case "typed":
		return nil, &trouble{7}
	case "wrapped":
		return nil, fmt.Errorf("outer: %w", &trouble{8})
	case "panic":
		panic("in a panic")
	case "panic with an error":
		panic(&trouble{9})
	case "nil":
		var none map[string]int
		none["x"] = 1
	case "exit":
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	case "channel":
		return make(chan int), nil
	case "reader":
		return strings.NewReader("read"), nil
	case "large":
		return strings.Repeat("x", 6_300_000), nil
	case "deadline":
		deadline, ok := ctx.Deadline()
		return []bool{ok, time.Until(deadline) < 10*time.Second}, nil
	case "context":
		found, _ := lambdacontext.FromContext(ctx)
		return []any{
			lambdacontext.FunctionName, lambdacontext.MemoryLimitInMB, lambdacontext.FunctionVersion,
			len(found.AwsRequestID), strings.Count(found.InvokedFunctionArn, ":"),
			found.ClientContext, found.Identity,
		}, nil
	case "cause":
		return map[string]any{"bytes": []byte("hi"), "none": nil, "html": "<&>"}, nil
	}
	return event, nil
}

type halting struct{ at int }

func (h *halting) Read(into []byte) (int, error) {
	h.at++
	if h.at > 1 {
		return 0, errors.New("in the middle")
	}
	return copy(into, "begun "), nil
}

func streamed(event asked) (*events.LambdaFunctionURLStreamingResponse, error) {
	var body io.Reader = strings.NewReader("streamed")
	if event.Case == "fails" {
		body = &halting{}
	}
	head := map[string]string{"x-own": "1"}
	return &events.LambdaFunctionURLStreamingResponse{StatusCode: 201, Headers: head, Body: body}, nil
}

func main() {
	switch os.Getenv("_HANDLER") {
	case "streamed":
		lambda.Start(streamed)
	case "nothing":
		lambda.Start(func() {})
	case "wrong":
		lambda.Start(func(int, int, int) {})
	case "early":
		fmt.Fprintln(os.Stderr, "cannot start")
		os.Exit(5)
	default:
		lambda.Start(plain)
	}
}
