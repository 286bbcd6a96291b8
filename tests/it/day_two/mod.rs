//! What happens to a gateway in use: what its clients see, and what log, metrics and `/ready` say of it. Each row of
//! `docs/operate/events.md` names a test of these, or another one that shows it.

mod certificates;
mod clients;
mod cluster;
mod configuration;
mod logging;
mod stores;

use std::fs;
use std::path::Path;

use crate::deviations::assert_named_tests_exist;

/// With the listener by which what is looked at here is asked for.
const ADMIN: &str = "admin: {listen: '127.0.0.1:0'}";

const OK: &str = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

#[test]
fn every_event_of_the_page_names_tests_that_exist() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operate/events.md");
    let page = fs::read_to_string(page).expect("a page");
    assert_named_tests_exist(&page, "| test |");
}
