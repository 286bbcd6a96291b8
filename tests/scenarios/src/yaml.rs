//! Reads YAML as the vendors' runner does: several documents, and no boolean but `true` and `false`.

use anyhow::Context;
use serde_json::Value;
use serde_saphyr::options;

/// The documents of a text.
pub(crate) fn read(text: &str) -> anyhow::Result<Vec<Value>> {
    let options = options! {
        strict_booleans: true,
        underscored_numbers_as_strings: true,
        budget: None,
    };
    serde_saphyr::from_multiple_with_options(text, options).context("a text that is no YAML")
}
