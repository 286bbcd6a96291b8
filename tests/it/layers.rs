//! The rooms of `src/` form layers, and a file uses its own layer and those below it, never one above.

use std::fs;
use std::path::Path;

use crate::support::sources::rust_files;

/// The rooms from the bottom layer to the top.
const LAYERS: [&[&str]; 11] = [
    &["xcontent"],
    &["es", "http", "telemetry", "tls"],
    &["admission", "guard", "upstream"],
    &["cluster", "lane"],
    &["store"],
    &["plugin"],
    &["route"],
    &["proxy"],
    &["config"],
    &["server"],
    &["cli"],
];

fn layer(room: &str) -> usize {
    let place = LAYERS.iter().position(|rooms| rooms.contains(&room));
    place.unwrap_or_else(|| panic!("the room {room} has no layer: add it to the list in this test"))
}

/// The rooms that a source text names after `crate::`, in use declarations and elsewhere, comments left out.
fn rooms_used(text: &str) -> Vec<&str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    let named = code.flat_map(|line| line.split("crate::").skip(1));
    named.flat_map(|rest| rooms_named(rest)).collect()
}

/// The room, or the rooms in braces, that a path begins with.
fn rooms_named(path: &str) -> Vec<&str> {
    let names = match path.strip_prefix('{') {
        Some(list) => list.split('}').next().unwrap_or_default(),
        None => path
            .split(|character: char| !(character.is_alphanumeric() || character == '_'))
            .next()
            .unwrap_or_default(),
    };
    names
        .split(',')
        .filter_map(|name| name.trim().split("::").next())
        .collect()
}

#[test]
fn no_file_uses_a_layer_above_its_own() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let files = rust_files(&source);
    let mut upward = Vec::new();
    for file in &files {
        let within = file.strip_prefix(&source).expect("a file of the source folder");
        let first = within
            .components()
            .next()
            .expect("a name")
            .as_os_str()
            .to_string_lossy();
        let room = first.trim_end_matches(".rs");
        if matches!(room, "main" | "lib") {
            continue;
        }
        let text = fs::read_to_string(file).expect("a source file");
        for used in rooms_used(&text) {
            if layer(used) > layer(room) {
                upward.push(format!("{} uses {used}", within.display()));
            }
        }
    }
    assert!(files.len() > 20, "only {} source files were found", files.len());
    assert!(upward.is_empty(), "upward: {upward:#?}");
}

#[test]
fn an_upward_use_is_found_wherever_it_stands() {
    let text = "use crate::es::version::Version;\n// crate::cli\nlet x = crate::proxy::Proxy::new();\n\
                use crate::{server, store::IndexName};";
    assert_eq!(rooms_used(text), ["es", "proxy", "server", "store"]);
}

/// The page in `src/lib.rs` that follows requests from file to file.
#[test]
fn the_page_of_the_architecture_names_files_and_rooms_that_exist() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let page = fs::read_to_string(source.join("lib.rs")).expect("a source file");
    let page: Vec<&str> = page.lines().filter_map(|line| line.strip_prefix("//!")).collect();
    let quoted = page.iter().flat_map(|line| line.split('`').skip(1).step_by(2));
    let files: Vec<&str> = quoted
        .filter(|text| Path::new(text).extension().is_some_and(|it| it == "rs") && !text.starts_with("tests/"))
        .collect();
    assert!(files.len() > 50, "only {} files are named", files.len());
    for file in files {
        assert!(source.join(file).is_file(), "{file}");
    }
    for room in LAYERS.iter().copied().flatten() {
        let row = format!(" | [`{room}`] | ");
        assert!(
            page.iter().any(|line| line.starts_with(&row)),
            "{room} is not in the list of rooms"
        );
    }
}
