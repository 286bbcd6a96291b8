//! A headless Chromium, driven by its own driver in the words of `WebDriver` (W3C), of which a few are needed: JSON by HTTP.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::wire::{Connection, PATIENCE};

/// A browser with one page; it ends with this value.
pub(super) struct Browser {
    driver: Child,
    address: SocketAddr,
    session: String,
}

impl Browser {
    /// Starts one. Debian's packages are `chromium` and `chromium-driver`.
    pub(super) fn start() -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("`chromedriver` starts: install Debian's packages `chromium` and `chromium-driver`");
        let mut lines = BufReader::new(driver.stdout.take().expect("it is a pipe")).lines();
        let port = lines.by_ref().map_while(Result::ok).find_map(|line| {
            let port = line.split_once("successfully on port ")?.1;
            port.trim_end_matches('.').parse::<u16>().ok()
        });
        let address = SocketAddr::from(([127, 0, 0, 1], port.expect("the driver says where it listens")));
        // What else it says nobody reads, but it has to get rid of it.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));
        let mut browser = Self {
            driver,
            address,
            session: String::new(),
        };
        // The sandbox wants a user that is not root. Containers have little shared memory.
        let arguments = [
            "--headless=new",
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-font-subpixel-positioning",
            "--disable-lcd-text",
            "--lang=en",
        ];
        let capabilities = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome", "goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}
        }}});
        let session = browser.ask("POST", "/session", &capabilities);
        session["sessionId"]
            .as_str()
            .expect("an id")
            .clone_into(&mut browser.session);
        browser
    }

    /// Asks the driver, which answers with `value`, or says what is wrong.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "POST" {
            body.to_string()
        } else {
            String::new()
        };
        let mut connection = Connection::to(self.address);
        // The driver answers those only who call it so.
        let host = format!("Host: localhost:{}", self.address.port());
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\n{host}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n"
        );
        connection.send(format!("{head}{body}").as_bytes());
        let answer = connection.read();
        assert_eq!(answer.status(), 200, "{method} {path}: {}", answer.text());
        answer.json()["value"].take()
    }

    fn page(&self, method: &str, path: &str, body: &Value) -> Value {
        self.ask(method, &format!("/session/{}/{path}", self.session), body)
    }

    /// Opens a page.
    pub(super) fn open(&self, url: &str) {
        self.page("POST", "url", &json!({ "url": url }));
    }

    /// What a script returns, which is the body of a function.
    pub(super) fn script(&self, script: &str) -> Value {
        self.page("POST", "execute/sync", &json!({"script": script, "args": []}))
    }

    /// All text of an element, also where it is not seen.
    pub(super) fn text(&self, selector: &str) -> String {
        let text = self.script(&format!(
            "return document.querySelector({})?.textContent ?? ''",
            json!(selector)
        ));
        text.as_str().expect("a text").to_owned()
    }

    /// Waits until an element has all of these words.
    pub(super) fn wait_for(&self, selector: &str, words: &[&str]) {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let text = self.text(selector);
            if words.iter().all(|word| text.contains(word)) {
                return;
            }
            let console = || self.console().join("\n");
            assert!(
                Instant::now() < deadline,
                "{selector} has not {words:?} but {text:?}\n{}",
                console()
            );
            // Between two looks the cores are the browser's.
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn element(&self, selector: &str) -> String {
        let found = self.page("POST", "element", &json!({"using": "css selector", "value": selector}));
        let id = found.as_object().and_then(|found| found.values().next());
        id.and_then(Value::as_str).expect("an id").to_owned()
    }

    /// Clicks on an element as a person does: where it is, if nothing is before it.
    pub(super) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.page("POST", &format!("element/{element}/click"), &json!({}));
    }

    /// Puts a text in the place of what is in a field, key by key.
    pub(super) fn fill_in(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.page("POST", &format!("element/{element}/clear"), &json!({}));
        self.page("POST", &format!("element/{element}/value"), &json!({ "text": text }));
    }

    /// What the console has since it was last asked for: errors of scripts and loads, and what the page may not do.
    pub(super) fn console(&self) -> Vec<String> {
        let entries = self.page("POST", "se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().expect("a list").iter();
        entries
            .map(|entry| format!("{} {}", entry["level"], entry["message"]))
            .collect()
    }

    /// A command of the `DevTools` protocol.
    pub(super) fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.page(
            "POST",
            "goog/cdp/execute",
            &json!({"cmd": command, "params": parameters}),
        )
    }

    /// The page has this width, and looks as on a dark or a light system.
    pub(super) fn appears(&self, width: u32, scheme: &str) {
        let size = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.devtools("Emulation.setDeviceMetricsOverride", &size);
        self.devtools("Emulation.setScrollbarsHidden", &json!({ "hidden": true }));
        let features = json!({"features": [{"name": "prefers-color-scheme", "value": scheme}]});
        self.devtools("Emulation.setEmulatedMedia", &features);
    }

    /// A picture of the page down to an element, or of all of it, as PNG.
    pub(super) fn picture(&self, until: Option<&str>) -> Vec<u8> {
        let size = self.script(&format!(
            "const [page, until] = [document.documentElement, document.querySelector({})]; \
             return [page.clientWidth, until ? until.getBoundingClientRect().top + scrollY : page.scrollHeight]",
            json!(until.unwrap_or("#nothing"))
        ));
        let clip = json!({"x": 0, "y": 0, "width": size[0], "height": size[1], "scale": 1});
        let parameters = json!({"format": "png", "captureBeyondViewport": true, "clip": clip});
        let taken = self.devtools("Page.captureScreenshot", &parameters);
        STANDARD
            .decode(taken["data"].as_str().expect("a picture"))
            .expect("base64")
    }
}

impl Drop for Browser {
    /// Ends the session, and with it the browser; also after a panic, which another one would hide.
    fn drop(&mut self) {
        let host = format!("Host: localhost:{}", self.address.port());
        let end = format!(
            "DELETE /session/{} HTTP/1.1\r\n{host}\r\nContent-Length: 0\r\n\r\n",
            self.session
        );
        if let Ok(mut stream) = TcpStream::connect(self.address) {
            let _ = stream.set_read_timeout(Some(PATIENCE));
            let _ = stream.write_all(end.as_bytes());
            let _ = stream.read(&mut [0; 1024]);
        }
        let told = Command::new("kill")
            .args(["-TERM", &self.driver.id().to_string()])
            .status();
        let _ = told.and_then(|_| self.driver.wait());
    }
}
