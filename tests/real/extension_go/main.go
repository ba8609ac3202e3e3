package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
)

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API")
	call := func(method, path string, body any, headers map[string]string) (http.Header, []byte) {
		data, _ := json.Marshal(body)
		request, _ := http.NewRequest(method, api+path, bytes.NewReader(data))
		for name, value := range headers {
			request.Header.Set(name, value)
		}
		reply, err := http.DefaultClient.Do(request)
		if err != nil {
			panic(err)
		}
		defer reply.Body.Close()
		text, _ := io.ReadAll(reply.Body)
		return reply.Header, text
	}
	var got []map[string]any
	go http.ListenAndServe("sandbox.localdomain:14243", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var events []map[string]any
		json.NewDecoder(r.Body).Decode(&events)
		got = append(got, events...)
	}))
	name := filepath.Base(os.Args[0])
	header, _ := call("POST", "/2020-01-01/extension/register", map[string]any{"events": []string{"INVOKE", "SHUTDOWN"}},
		map[string]string{"Lambda-Extension-Name": name})
	key := map[string]string{"Lambda-Extension-Identifier": header.Get("Lambda-Extension-Identifier")}
	_, said := call("PUT", "/2022-07-01/telemetry", map[string]any{
		"schemaVersion": "2022-12-13", "types": []string{"platform", "function"},
		"buffering":   map[string]int{"maxItems": 1000, "maxBytes": 262144, "timeoutMs": 100},
		"destination": map[string]string{"protocol": "HTTP", "URI": "http://sandbox.localdomain:14243"},
	}, key)
	fmt.Println("subscribed", string(said))
	for {
		_, text := call("GET", "/2020-01-01/extension/event/next", nil, key)
		fmt.Println(string(text))
		if bytes.Contains(text, []byte("SHUTDOWN")) {
			for _, e := range got {
				fmt.Println("telemetry", e["type"], e["record"])
			}
			return
		}
	}
}
