//! The dashboard as a person sees it, in a real browser: `cargo xtask dashboard` runs this.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

use serde_json::json;

use super::browser::Browser;
use crate::support::authority::Files;
use crate::support::gateway::Gateway;
use crate::support::job;
use crate::support::stand_in::StandIn;
use crate::support::wire;

const POLICIES: &str = r"policies:
  - name: memory-budget
    enforcement: enforce
    message: Ask the platform team for more than 512 MB.
    schema: { properties: { analysis_limits: { properties: { model_memory_limit: { x-max-bytes: 512mb } } } } }
  - name: ownership
    enforcement: warn
    defaults: { groups: [unowned] }
    schema: { properties: { groups: { items: { not: { const: unowned } } } } }
  - name: bucket-span
    enforcement: audit
    schema: { properties: { analysis_config: { properties: { bucket_span: { x-min-duration: 5m } } } } }
";

const SHADOW: &str =
    "policies: [{ name: next-quarter, enforcement: enforce, enforce_after: 2099-01-01, rule: 'true' }]";

/// A client that would like its id to be more than a text.
const MARKUP: &str = "%3Cimg%20src=x%20onerror=alert(1)%3E";

/// Texts that are hard to read, with their contrast: less than 4.5 to 1 (WCAG 2.2, 1.4.3).
const HARD_TO_READ: &str = r"
  const parts = (color) => color.match(/[\d.]+/g).map(Number);
  const light = (color) => {
    const [r, g, b] = parts(color).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const color = getComputedStyle(at).backgroundColor;
      if (parts(color)[3] !== 0) return color;
    }
    return 'rgb(255, 255, 255)';
  };
  const found = [];
  for (const element of document.querySelectorAll('body *')) {
    const texts = [...element.childNodes].filter((node) => node.nodeType === 3 && node.data.trim() !== '');
    if ((texts.length === 0 && !['INPUT', 'TEXTAREA'].includes(element.tagName)) || element.getClientRects().length === 0) continue;
    const [one, other] = [light(getComputedStyle(element).color), light(behind(element))];
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.push(`${element.tagName}.${element.className} ${contrast.toFixed(2)}: ${element.textContent.slice(0, 30)}`);
  }
  return found;
";

/// Fields without a name, buttons without a text, tables and pictures without a label.
const NAMELESS: &str = r"
  const nameless = [...document.querySelectorAll('input, textarea')].filter((field) => field.labels.length === 0);
  nameless.push(...[...document.querySelectorAll('button, summary, h1, h2')].filter((element) => element.textContent.trim() === ''));
  nameless.push(...[...document.querySelectorAll('table, svg')].filter((element) => !element.getAttribute('aria-label')));
  return nameless.map((element) => element.outerHTML.slice(0, 80));
";

/// The gateway of the picture, before a node that answers and one that does not.
fn gateway(cluster: &StandIn, files: &Files) -> Gateway {
    files.write("policies.yml", POLICIES);
    files.write("shadow.yml", SHADOW);
    files.write(
        "gateway.yml",
        "admin: {listen: '127.0.0.1:0'}\njobs: {api: 8.19}\npolicies: {files: [policies.yml], shadow: [shadow.yml]}\n",
    );
    Gateway::with(
        &[cluster.url(), "http://127.0.0.1:1"],
        &["--config", &files.text("gateway.yml")],
    )
}

fn with_memory(limit: &str) -> String {
    let mut body: serde_json::Value = serde_json::from_str(&job::smallest()).expect("JSON");
    body["analysis_limits"] = json!({ "model_memory_limit": limit });
    body.to_string()
}

/// Ends what goes on beside a test when it is dropped, also by a panic.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Where pictures go.
fn folder() -> PathBuf {
    let folder = std::env::var_os("DASHBOARD_PICTURES").map_or_else(
        || Path::new(env!("CARGO_TARGET_TMPDIR")).join("dashboard"),
        PathBuf::from,
    );
    fs::create_dir_all(&folder).expect("a folder");
    folder
}

/// What the console has that is wrong. That the answer to a request that is refused has a status of 400 is written there, too.
fn wrong(console: Vec<String>) -> Vec<String> {
    let is_refusal = |line: &String| line.contains("/try?") && line.contains("status of 400");
    console.into_iter().filter(|line| !is_refusal(line)).collect()
}

#[test]
#[ignore = "it takes Chromium and its driver: `cargo xtask dashboard` runs it"]
fn a_browser_shows_what_the_gateway_does() {
    let cluster = StandIn::elasticsearch("8.19.21");
    let files = Files::new();
    let gateway = gateway(&cluster, &files);
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        let ending = Ending(&is_over);
        let client = scope.spawn(|| {
            for round in 0_u64.. {
                if is_over.load(Ordering::Relaxed) {
                    break;
                }
                gateway.call("GET", "/_search", "");
                // Not so many that others are not shown any more.
                if round % 120 == 20 && round < 400 {
                    gateway.create_job(&format!("web-{round}"), &with_memory("256mb"));
                }
                // A wave, for the eye.
                thread::sleep(Duration::from_millis(20 + 8 * (round / 40 % 5)));
            }
        });
        assert_eq!(gateway.create_job("web-checkout", &with_memory("256mb")).status(), 200);
        assert_eq!(gateway.create_job("web-search", &with_memory("4gb")).status(), 400);
        assert_eq!(gateway.create_job(MARKUP, &with_memory("256mb")).status(), 400);
        let browser = Browser::start();
        browser.open(&format!("http://{}/dashboard", gateway.admin()));
        figures_are_shown(&browser, cluster.url());
        decisions_are_explained(&browser);
        requests_are_tried_out(&browser);
        everybody_can_read_it(&browser);
        assert_eq!(wrong(browser.console()), Vec::<String>::new());

        drop(ending);
        client.join().expect("the client has not failed");
        gateway.terminate();
        browser.wait_for(
            "#alert:not([hidden])",
            &["does not answer", "What this page shows is of"],
        );
        browser.wait_for("#state", &["no answer"]);
        let console = browser.console();
        assert!(
            !console.iter().any(|line| line.contains("Security Policy")),
            "{console:?}"
        );
        picture(&browser, ("no-answer", None), 1280, "light");
    });
}

fn figures_are_shown(browser: &Browser, node: &str) {
    browser.wait_for("#state", &["ready"]);
    browser.wait_for("#version", &[env!("CARGO_PKG_VERSION")]);
    browser.wait_for("#freshness", &["As of"]);
    browser.wait_for("#nodes", &[node, "answers", "http://127.0.0.1:1", "does not answer"]);
    browser.wait_for(
        "#policies",
        &[
            "memory-budget",
            "enforce",
            "bucket-span",
            "audit",
            "Shadow set",
            "until 2099-01-01",
        ],
    );
    browser.wait_for("#outcomes", &["complete", "refused"]);
    wire::eventually("a rate", || {
        let rate = browser.text("#tiles dd");
        rate.parse::<f64>().is_ok_and(|rate| rate > 0.0)
    });
    // Of what is forwarded, from the histograms.
    wire::eventually("latencies", || {
        let cells = browser
            .script("return [...document.querySelectorAll('#latencies tbody td')].map((cell) => cell.textContent)");
        let cells: Vec<&str> = cells
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|cell| cell.as_str())
            .collect();
        cells.len() == 12 && cells[..2].iter().all(|cell| cell.ends_with('s'))
    });
}

fn decisions_are_explained(browser: &Browser) {
    browser.wait_for("#decisions", &["web-checkout", "admitted", "web-search", "refused"]);
    // What a client has sent is text.
    browser.wait_for("#decisions", &["<img src=x onerror=alert(1)>"]);
    assert_eq!(browser.script("return document.images.length"), 0);
    let place = browser.script(
        "return [...document.querySelectorAll('#decisions > li')].findIndex((item) => item.textContent.includes('web-search')) + 1",
    );
    let item = format!("#decisions > li:nth-child({place})");
    browser.click(&format!("{item} summary"));
    browser.wait_for(&item, &["memory-budget (enforce)", "[4096mb]", "Ask the platform team"]);
    // It stays open while the page goes on asking.
    let age = browser.text("#freshness");
    wire::eventually("that it has asked again", || browser.text("#freshness") != age);
    assert_eq!(
        browser.script(&format!("return document.querySelector('{item} details').open")),
        true
    );
}

fn requests_are_tried_out(browser: &Browser) {
    browser.wait_for("#h-try", &["PUT /_ml/anomaly_detectors/<id>"]);
    wire::eventually("an example", || {
        browser
            .script("return document.querySelector('#try-body').value")
            .as_str()
            .is_some_and(|text| text.contains("detectors"))
    });
    browser.fill_in("#try-id", "tried");
    browser.fill_in("#try-body", &with_memory("4gb"));
    browser.click("#try-send");
    browser.wait_for(
        "#try-answer",
        &["refused, status 400", "policy memory-budget", "Ask the platform team"],
    );
    browser.fill_in("#try-body", "{\"analysis_config\": ");
    browser.click("#try-send");
    browser.wait_for("#try-answer", &["refused, status 400", "rule "]);
    browser.fill_in("#try-api", "6.8");
    browser.click("#try-send");
    browser.wait_for("#try-answer", &["not tried", "7.0 to 9.5"]);
    browser.fill_in("#try-api", "");
    browser.fill_in("#try-body", &with_memory("256mb"));
    browser.click("#try-send");
    browser.wait_for(
        "#try-answer",
        &["admitted", "Warnings", "unowned", "/groups", "The whole answer"],
    );
}

fn everybody_can_read_it(browser: &Browser) {
    assert_eq!(browser.script(NAMELESS), json!([]));
    assert_eq!(browser.script("return document.documentElement.lang"), "en");
    for (width, scheme) in [(360, "light"), (360, "dark"), (1280, "dark"), (1280, "light")] {
        browser.appears(width, scheme);
        assert_eq!(browser.script(HARD_TO_READ), json!([]), "{width}, {scheme}");
        let cut = "return [...document.querySelectorAll('.scroll')].filter((box) => box.scrollWidth > box.clientWidth).length";
        assert_eq!(browser.script(cut), 0, "tables that are cut off at {width}");
        let overflow = "return document.documentElement.scrollWidth - document.documentElement.clientWidth";
        assert_eq!(browser.script(overflow), 0, "{width}");
        picture(browser, ("dashboard", None), width, scheme);
    }
    // What the documentation has, with something of a trend.
    wire::eventually("a trend", || {
        let points = browser.script("return document.querySelector('#trend polyline').points.length");
        points.as_u64().is_some_and(|points| points >= 8)
    });
    picture(browser, ("figures", Some("section:has(#try)")), 1024, "light");
}

/// Takes a picture of the page, down to an element if one is named.
fn picture(browser: &Browser, (name, until): (&str, Option<&str>), width: u32, scheme: &str) {
    browser.appears(width, scheme);
    let file = folder().join(format!("{name}-{width}-{scheme}.png"));
    fs::write(&file, browser.picture(until)).expect("it is written");
    eprintln!("{}", file.display());
}
