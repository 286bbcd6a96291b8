//! What the listener says of the page: itself, how a browser is to treat it, and who may ask for what.

use crate::support::gateway::Gateway;
use crate::support::wire::{self, Answer};

/// The folder that the parts of the page are in.
const PARTS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/server/dashboard");

const CONFIG: &str = "admin: {listen: '127.0.0.1:0'}\njobs: {api: 8.19}\n";

fn gateway() -> Gateway {
    Gateway::configured(&["http://planted-node.example:9200"], CONFIG)
}

fn is_kept_to_itself(answer: &Answer, path: &str) {
    let policy = answer.values("content-security-policy").join(" ");
    for directive in [
        "default-src 'none'",
        "script-src 'self'",
        "connect-src 'self'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "form-action 'none'",
    ] {
        assert!(policy.contains(directive), "{path}: {policy}");
    }
    assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
    assert_eq!(answer.values("x-content-type-options"), ["nosniff"], "{path}");
    assert_eq!(answer.values("cache-control"), ["no-store"], "{path}");
}

#[test]
fn the_page_has_nothing_from_elsewhere_and_nothing_that_runs_by_itself() {
    let gateway = gateway();
    let page = gateway.ask_admin("GET", "/dashboard");
    assert_eq!(page.status(), 200);
    assert_eq!(page.values("content-type"), ["text/html; charset=utf-8"]);
    is_kept_to_itself(&page, "/dashboard");
    let text = page.text();
    for one in [" on", "style=", "<style", "javascript:"] {
        let attribute = text.split('<').filter(|tag| !tag.starts_with(['/', '!'])).find(|tag| {
            let tag = tag.split('>').next().unwrap_or_default();
            match one {
                " on" => tag
                    .split_whitespace()
                    .any(|part| part.starts_with("on") && part.contains('=')),
                _ => tag.contains(one.trim_start_matches('<')) && !tag.starts_with("link"),
            }
        });
        assert_eq!(attribute, None, "{one}");
    }
    // The page is the same whatever the gateway is told, and so are its parts: nothing of a configuration is in them.
    assert!(!text.contains("planted"), "{text}");
    for file in std::fs::read_dir(PARTS).expect("the folder is there") {
        let name = file.expect("a file").file_name().into_string().expect("a plain name");
        if name == "page.html" {
            continue;
        }
        let path = format!("/dashboard/{name}");
        let part = gateway.ask_admin("GET", &path);
        assert_eq!(part.status(), 200, "{path}: {}", part.text());
        let expected = if name == "style.css" {
            "text/css; charset=utf-8"
        } else {
            "text/javascript; charset=utf-8"
        };
        assert_eq!(part.values("content-type"), [expected]);
        is_kept_to_itself(&part, &path);
        for word in [
            "://",
            "innerHTML",
            "outerHTML",
            "insertAdjacent",
            "eval(",
            "document.write",
        ] {
            let text = part.text().replace("http://www.w3.org/2000/svg", "");
            assert!(!text.contains(word), "{word} in {path}");
        }
    }
    let missing = gateway.ask_admin("GET", "/dashboard/page.html");
    assert_eq!(missing.status(), 404);
    assert!(missing.text().contains("[main.js]"), "{}", missing.text());
}

#[test]
fn what_a_client_has_sent_is_taken_by_a_browser_for_nothing_but_what_it_is_called() {
    let gateway = gateway();
    for path in ["/", "/ready", "/decisions", "/policies", "/metrics", "/%3Cscript%3E"] {
        let answer = gateway.ask_admin("GET", path);
        assert_eq!(answer.values("x-content-type-options"), ["nosniff"], "{path}");
        assert!(!answer.values("content-type")[0].contains("html"), "{path}");
    }
}

#[test]
fn a_page_of_another_site_is_refused_what_the_own_page_may_do() {
    let gateway = gateway();
    let ask = |method: &str, target: &str, fields: &[(&str, &str)], body: &str| {
        let mut all = vec![("content-type", "application/json")];
        all.extend(fields);
        wire::call(gateway.admin(), method, target, &all, body)
    };
    let own = [("origin", "http://test")];
    let others: [&[(&str, &str)]; 4] = [
        &[("origin", "http://evil.example")],
        &[("origin", "null")],
        &[("sec-fetch-site", "cross-site"), ("origin", "http://test")],
        &[("sec-fetch-site", "same-site"), ("origin", "http://test")],
    ];
    for (method, target, body) in [("POST", "/try?id=a", "{}"), ("PUT", "/log-level", "warn")] {
        for fields in others {
            let refused = ask(method, target, fields, body);
            assert_eq!(
                refused.status(),
                403,
                "{method} {target} {fields:?}: {}",
                refused.text()
            );
            assert!(refused.values("access-control-allow-origin").is_empty());
        }
        let done = ask(method, target, &own, body);
        assert_ne!(done.status(), 403, "{}", done.text());
        assert_ne!(
            ask(method, target, &[("sec-fetch-site", "same-origin")], body).status(),
            403
        );
        // A browser asks first whether another site may.
        let asked = ask("OPTIONS", target, others[0], "");
        assert!((400..500).contains(&asked.status()), "{}", asked.text());
        assert!(asked.values("access-control-allow-origin").is_empty());
    }
    assert_eq!(
        ask("GET", "/ready", others[0], "").status(),
        gateway.ask_admin("GET", "/ready").status()
    );
}
