//! A key of the configuration: where it is in the file, what it is called elsewhere, and what a reference says of it.

/// What every environment variable of the gateway starts with.
pub(super) const ENVIRONMENT_PREFIX: &str = "ANOMALY_GATEWAY_";

/// A key, as the code that reads it declares it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Key {
    /// Its place in the file, such as `jobs.index`.
    pub(super) path: &'static str,
    /// Its name as a flag, such as `jobs-index`. A key without one can be set in the file and by its environment variable.
    pub(super) name: Option<&'static str>,
    /// One sentence on what it is.
    pub(super) meaning: &'static str,
    /// What else its reference says, after that sentence.
    pub(super) detail: &'static str,
    /// Whether few need it.
    pub(super) is_special: bool,
}

impl Key {
    /// A key of the file, which is an environment variable as well.
    pub(super) const fn new(path: &'static str, meaning: &'static str) -> Self {
        Self {
            path,
            name: None,
            meaning,
            detail: "",
            is_special: false,
        }
    }

    /// A key that is also a flag, after which its environment variable is called.
    pub(super) const fn named(mut self, name: &'static str) -> Self {
        self.name = Some(name);
        self
    }

    /// A key with more documentation than a flag's help has room for.
    pub(super) const fn detail(mut self, detail: &'static str) -> Self {
        self.detail = detail;
        self
    }

    /// A key that few need: `-h` leaves its flag out, and `--help` shows it.
    pub(super) const fn special(mut self) -> Self {
        self.is_special = true;
        self
    }
}

/// The documentation of a key. References, flags and their help texts are made from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyReference {
    /// Its place in the file, such as `jobs.index`.
    pub path: &'static str,
    /// Its name as a flag, without the dashes, if it can be one.
    pub name: Option<&'static str>,
    /// One sentence on what it is.
    pub meaning: &'static str,
    /// What else is to be said, if anything.
    pub detail: &'static str,
    /// What its value is, with an article.
    pub expected: &'static str,
    /// The word that stands for the value in usage texts.
    pub placeholder: &'static str,
    /// Its form in the file, as keywords of JSON Schema.
    pub form: serde_json::Value,
    /// What holds when it is not set.
    pub default: String,
    /// Whether few need it, so that short references leave it out.
    pub is_special: bool,
    /// Whether it is a list: in the file a list or a single value, a flag that may be repeated, and in both the flag and the
    /// environment separated by commas.
    pub is_list: bool,
}

impl KeyReference {
    /// The name of its environment variable.
    #[must_use]
    pub fn environment_variable(&self) -> String {
        environment_variable(self.called())
    }

    /// What its environment variable is called after: its flag, or its place in the file where it has none.
    pub(super) fn called(&self) -> &'static str {
        self.name.unwrap_or(self.path)
    }
}

/// The environment variable that is called after a flag or a place in the file.
pub(super) fn environment_variable(name: &str) -> String {
    format!("{ENVIRONMENT_PREFIX}{}", name.replace(['-', '.'], "_").to_uppercase())
}
