//! Lines of JSON {secret, id, timestamp, signature, body} in; "ok" or "no" out, by the Rust reference library.
use base64::Engine;
use std::io::BufRead;

fn main() {
    for line in std::io::stdin().lock().lines() {
        let one: serde_json::Value = serde_json::from_str(&line.unwrap()).unwrap();
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        let body = base64::engine::general_purpose::STANDARD.decode(text("body")).unwrap();
        let mut headers = http::HeaderMap::new();
        for (header, name) in [("webhook-id", "id"), ("webhook-timestamp", "timestamp"), ("webhook-signature", "signature")] {
            headers.insert(header, text(name).parse().unwrap());
        }
        let verdict = standardwebhooks::Webhook::new(&text("secret")).and_then(|webhook| webhook.verify(&body, &headers));
        println!("{}", if verdict.is_ok() { "ok" } else { "no" });
    }
}
