// Lines of JSON {secret, id, timestamp, signature, body} in; "ok" or "no" out, by the JavaScript reference library.
import { createInterface } from "node:readline";
import { Webhook } from "standardwebhooks";

for await (const line of createInterface({ input: process.stdin })) {
  const { secret, id, timestamp, signature, body } = JSON.parse(line);
  try {
    new Webhook(secret).verify(Buffer.from(body, "base64"), {
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      "webhook-signature": signature,
    });
    console.log("ok");
  } catch {
    console.log("no");
  }
}
