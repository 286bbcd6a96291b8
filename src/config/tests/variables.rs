//! Every key has a variable, which is called after it, and is read as the file and the flag are.

use std::collections::BTreeSet;

use super::*;
use crate::config::environment::Environment;
use crate::config::source::{Origin, Source};

/// Texts of every form that a value can have. A key takes those that it shows differently from its default.
const TEXTS: &[&str] = &[
    "true",
    "false",
    "3",
    "5",
    "2%",
    "3s",
    "5s",
    "64kb",
    "128mb",
    "none",
    "auto",
    "off",
    "text",
    "json",
    "debug",
    "error",
    "127.0.0.1:4711",
    "127.0.0.1:4712",
    "http://a:9200",
    "http://b:9200",
    "10.0.0.0/8",
    "10.1.0.0/16",
    "x-a",
    "x-b",
    "7.0.0",
    "8.0.0",
    "forward",
    "store",
    "both",
    "judge",
    "create",
    "all",
    "caller",
    "service",
    "client",
    "node",
    "optional",
    "required",
    "certificate",
    "gateway",
    "connect",
    "forwarded",
];

/// The value of a key, and where it was set, with these texts in the file, the variable and the flag. What goes together with
/// which other keys is not looked at.
fn value(key: &KeyReference, file: Option<&str>, variable: Option<&str>, flag: Option<&str>) -> [String; 2] {
    let nested = |value: &str| {
        let sections = key.path.rsplit('.');
        sections.fold(value.to_owned(), |inner, name| format!("{{{name}: {inner}}}"))
    };
    let source = Source::new(
        Origin::File("gateway.yml".to_owned()),
        file.map(nested).unwrap_or_default(),
    );
    let document = document::read(&source).unwrap();
    let known = reference();
    let variables = variable.map(|value| (key.environment_variable().into(), value.into()));
    let Environment {
        mut given, problems, ..
    } = Environment::read(variables, &known);
    assert!(problems.is_empty(), "{problems:?}");
    let flags = flag.map(|value| ServeFlags::default().with(key.name.expect("a key with a flag"), value));
    given.extend(flags.unwrap_or_default().given(&known));
    let mut reader = Reader::new(document.as_ref(), std::path::Path::new(""), &given);
    Config::read(&mut reader);
    let values = reader.finish().2.as_json();
    let of_key = values["keys"]
        .as_array()
        .and_then(|keys| keys.iter().find(|value| value["key"] == key.path));
    let of_key = of_key.expect("the key is among them");
    ["value", "place"].map(|member| of_key[member].as_str().expect("a text").to_owned())
}

/// Two texts that the key takes and shows differently, of which the first one is not its default.
fn two_texts(key: &KeyReference) -> [String; 2] {
    let shown = |text: &str| {
        let [shown, _] = value(key, Some(text), None, None);
        shown
    };
    let mut others = TEXTS
        .iter()
        .map(ToString::to_string)
        .filter(|text| shown(text) != key.default);
    let first = others
        .next()
        .unwrap_or_else(|| panic!("`{}` takes none of the texts", key.path));
    let second = others.find(|text| shown(text) != shown(&first));
    let second = second.unwrap_or_else(|| key.default.clone());
    [first, second]
}

#[test]
fn every_key_is_set_by_its_variable_which_beats_the_file_and_is_beaten_by_the_flag() {
    for key in reference() {
        let [first, second] = two_texts(&key);
        let [first, second] = [first.as_str(), second.as_str()];
        let set = |text, place: &str| {
            let [shown, _] = value(&key, Some(text), None, None);
            [shown, place.to_owned()]
        };
        let variable = key.environment_variable();
        assert_ne!(set(first, ""), set(second, ""), "{}", key.path);
        assert_eq!(value(&key, None, None, None), [&key.default, "default"]);
        assert_eq!(value(&key, Some(first), None, None), set(first, "gateway.yml:1"));
        assert_eq!(value(&key, None, Some(first), None), set(first, &variable));
        assert_eq!(value(&key, Some(first), Some(second), None), set(second, &variable));
        if let Some(name) = key.name {
            let flag = format!("--{name}");
            assert_eq!(value(&key, Some(second), Some(second), Some(first)), set(first, &flag));
        }
    }
}

#[test]
fn a_list_is_separated_by_commas() {
    let mut lists = 0;
    for key in reference().into_iter().filter(|key| key.is_list) {
        let [first, second] = two_texts(&key);
        let [in_file, _] = value(&key, Some(&format!("[{first}, {second}]")), None, None);
        let [in_variable, _] = value(&key, None, Some(&format!("{first}, {second}")), None);
        assert_eq!(in_variable, in_file, "{}", key.path);
        lists += 1;
    }
    assert!(lists > 0);
}

#[test]
fn a_variable_is_called_after_its_key_and_after_no_other() {
    let keys = reference();
    for key in &keys {
        let expected = match key.path {
            "upstream.nodes" => "ANOMALY_GATEWAY_UPSTREAM".to_owned(),
            "log.level" => "ANOMALY_GATEWAY_LOG".to_owned(),
            path => format!("ANOMALY_GATEWAY_{}", path.replace('.', "_").to_uppercase()),
        };
        assert_eq!(key.environment_variable(), expected);
    }
    let names: BTreeSet<_> = keys.iter().map(KeyReference::environment_variable).collect();
    assert_eq!(names.len(), keys.len());
}

/// Files that a variable names are where the process is, as with those that a flag names.
#[test]
fn policy_files_of_a_variable_are_relative_to_the_working_directory() {
    // Tests run in the project's folder.
    let variables = [(
        "ANOMALY_GATEWAY_POLICIES_FILES",
        "schemas/policies/naming.yml, schemas/policies/bucket_*.yml",
    )];
    let config = load_all("policies: {files: nowhere.yml}", &variables, ServeFlags::default()).unwrap();
    assert_eq!(config.policies.sets.active.policies().len(), 2);
    let variables = [(
        "ANOMALY_GATEWAY_POLICIES_FILES",
        "schemas/policies/naming.yml,nowhere.yml",
    )];
    insta::assert_snapshot!(problems("", &variables, ServeFlags::default()), @r"
    error: no policy file is called like this
     |
     | ANOMALY_GATEWAY_POLICIES_FILES=nowhere.yml
     |                                ^^^^^^^^^^^
     |
     = note: from the environment
    ");
}
