//! The ids of the rules that a schema asks of a document, whatever the call is.

pub(super) const SYNTAX: &str = "body.syntax";
pub(super) const DUPLICATE_NAME: &str = "body.duplicate_name";
pub(super) const OBJECT: &str = "body.object";
pub(super) const UNKNOWN_FIELD: &str = "body.unknown_field";
pub(super) const MISSING_FIELD: &str = "body.missing_field";
pub(super) const KIND: &str = "body.kind";
pub(super) const LIST: &str = "body.list";
pub(super) const WORD: &str = "value.word";
pub(super) const ANALYZER: &str = "value.analyzer";
pub(super) const SETTINGS: &str = "value.settings";
