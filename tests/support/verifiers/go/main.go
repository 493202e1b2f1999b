// Lines of JSON {secret, id, timestamp, signature, body} in; "ok" or "no" out, by the Go reference library.
package main

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"os"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

type delivery struct{ Secret, ID, Timestamp, Signature, Body string }

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 0, 65536), 1<<20)
	for lines.Scan() {
		var one delivery
		if err := json.Unmarshal(lines.Bytes(), &one); err != nil {
			panic(err)
		}
		body, err := base64.StdEncoding.DecodeString(one.Body)
		if err != nil {
			panic(err)
		}
		headers := http.Header{}
		headers.Set("webhook-id", one.ID)
		headers.Set("webhook-timestamp", one.Timestamp)
		headers.Set("webhook-signature", one.Signature)
		webhook, err := standardwebhooks.NewWebhook(one.Secret)
		if err == nil {
			err = webhook.Verify(body, headers)
		}
		if err != nil {
			fmt.Println("no")
		} else {
			fmt.Println("ok")
		}
	}
}
