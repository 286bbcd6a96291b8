//! The format of policy files and of their tests, declared once: files are read by these tables, and from them the page of
//! the documentation and the JSON Schema for editors are written.

mod of_tests;
mod page;
mod schema;

pub(super) use of_tests::{EXPECT, TEST, TESTS, USER, VIOLATION};
pub(super) use page::page;
pub(super) use schema::schema;

/// A mapping in a file, with its keys in the order in which the page tells of them.
#[derive(Debug)]
pub(super) struct Table {
    /// What it is, with its article, as messages say it.
    pub(super) what: &'static str,
    /// Its title on the page.
    title: &'static str,
    /// What the page says of it before its keys.
    introduction: &'static str,
    /// Its name among the definitions of the schema.
    definition: &'static str,
    pub(super) keys: &'static [Key],
    /// The keys of which at least one is given, if any are.
    one_of: &'static [&'static str],
}

/// One key.
#[derive(Debug)]
pub(super) struct Key {
    pub(super) name: &'static str,
    form: Form,
    without: Without,
    /// What it means, in full sentences.
    meaning: &'static str,
}

/// What a value has to be.
#[derive(Debug)]
enum Form {
    /// A text that is not empty.
    Text,
    /// A text that may be empty.
    AnyText,
    /// A text, or a list of texts.
    Texts,
    /// A glob, or a list of globs.
    Globs,
    Day,
    Url,
    Version,
    /// An expression in CEL.
    Rule,
    /// A JSON Schema.
    Schema,
    /// Any mapping.
    Mapping,
    /// Any value.
    Anything,
    /// One of these words, each with what it means.
    Words(&'static [(&'static str, &'static str)]),
    /// A mapping with these keys.
    One(&'static Table),
    /// A list of such mappings, or one alone.
    List(&'static Table),
    /// A list of texts and such mappings, or one alone.
    TextsOr(&'static Table),
}

/// What holds where a key is left out.
#[derive(Debug)]
enum Without {
    /// It may not be.
    Required,
    /// This value.
    Default(&'static str),
    /// What the text says.
    Means(&'static str),
}

impl Table {
    /// Whether a key is one of these.
    pub(super) fn has(&self, name: &str) -> bool {
        self.keys.iter().any(|key| key.name == name)
    }
}

const fn key(name: &'static str, form: Form, without: Without, meaning: &'static str) -> Key {
    Key {
        name,
        form,
        without,
        meaning,
    }
}

use Without::{Default, Means, Required};

/// A file of policies.
pub(super) const FILE: Table = Table {
    what: "a policy file",
    title: "A policy file",
    introduction: "",
    definition: "file",
    keys: &[key(
        "policies",
        Form::List(&POLICY),
        Means("the file has none"),
        "The policies, in the order in which they are evaluated.",
    )],
    one_of: &[],
};

/// A policy.
pub(super) const POLICY: Table = Table {
    what: "a policy",
    title: "A policy",
    introduction: "",
    definition: "policy",
    keys: &[
        key(
            "name",
            Form::Text,
            Required,
            "The name by which messages, metrics and tests know the policy. No other policy has the same.",
        ),
        key(
            "description",
            Form::Text,
            Means("nothing"),
            "What the policy is for, for those who read the file.",
        ),
        key(
            "match",
            Form::One(&MATCH),
            Means("every job"),
            "Which jobs the policy concerns: those for which all that is given holds.",
        ),
        key(
            "enforcement",
            Form::Words(&ENFORCEMENTS),
            Required,
            "What comes of a violation.",
        ),
        key(
            "enforce_after",
            Form::Day,
            Means("it is enforced at once"),
            "The day from which on a policy with `enforcement: enforce` is enforced; until then it warns.",
        ),
        key(
            "defaults",
            Form::Mapping,
            Means("nothing is filled in"),
            "What is filled in where a client left something out, at any depth, before Elasticsearch's own defaults. Of two policies the first one fills in.",
        ),
        key(
            "schema",
            Form::Schema,
            Means("nothing is asked"),
            "What is asked of the final document: what would be stored, with all defaults.",
        ),
        key(
            "rule",
            Form::Rule,
            Means("nothing is asked"),
            "What has to be true of the final document, which is `job`. It has at most 4 KiB.",
        ),
        key(
            "message",
            Form::Text,
            Means("clients are shown the text of the `rule`"),
            "What to do about a violation, for clients.",
        ),
        key(
            "link",
            Form::Url,
            Means("nothing"),
            "Where more is said about the policy, for clients.",
        ),
        key(
            "on_error",
            Form::Words(&ON_ERRORS),
            Default("refuse"),
            "What comes of the policy when it cannot be evaluated: a member is not there, or the document is too large.",
        ),
        key(
            "on_update",
            Form::Words(&ON_UPDATES),
            Default("new"),
            "Which violations are enforced where a job is updated.",
        ),
        key(
            "exceptions",
            Form::List(&EXCEPTION),
            Means("none"),
            "The jobs that the policy leaves alone.",
        ),
    ],
    one_of: &["defaults", "schema", "rule"],
};

/// The jobs that a policy is about.
pub(super) const MATCH: Table = Table {
    what: "`match`",
    title: "`match`",
    introduction: "",
    definition: "match",
    keys: &SCOPE,
    one_of: &[],
};

const SCOPE: [Key; 3] = [
    key("job_id", Form::Globs, Means("any id"), "The ids of the jobs."),
    key(
        "groups",
        Form::Texts,
        Means("any groups, or none"),
        "The groups of which a job is in at least one.",
    ),
    key(
        "users",
        Form::Globs,
        Means("any caller"),
        "The callers, by the name or one of the roles that the cluster gives for them. A caller whom the cluster cannot name is matched by `*` only.",
    ),
];

/// The jobs that a policy leaves alone.
pub(super) const EXCEPTION: Table = Table {
    what: "an exception",
    title: "An entry of `exceptions`",
    introduction: "All that is given of `job_id`, `groups` and `users` has to hold.",
    definition: "exception",
    keys: &[
        key("job_id", Form::Globs, Means("any id"), "The ids of the jobs."),
        key(
            "groups",
            Form::Texts,
            Means("any groups, or none"),
            "The groups of which a job is in at least one.",
        ),
        key(
            "users",
            Form::Globs,
            Means("any caller"),
            "The callers, by the name or one of the roles that the cluster gives for them.",
        ),
        key("owner", Form::Text, Required, "Who answers for the exception."),
        key("reason", Form::Text, Required, "Why there is an exception."),
        key(
            "expires",
            Form::Day,
            Means("it does not expire"),
            "The last day on which the exception holds.",
        ),
    ],
    one_of: &["job_id", "groups", "users"],
};

/// What `enforcement` can be.
const ENFORCEMENTS: [(&str, &str); 4] = [
    ("enforce", "The job is refused."),
    ("warn", "The job is created, and the client is warned."),
    (
        "audit",
        "It is logged and counted. The client sees nothing of it, so that `defaults` are not filled in either.",
    ),
    ("off", "Nothing: the policy is not evaluated."),
];

/// What `on_error` can be.
const ON_ERRORS: [(&str, &str); 2] = [("refuse", "It counts as violated."), ("admit", "It is left out.")];

/// What `on_update` can be.
const ON_UPDATES: [(&str, &str); 2] = [
    (
        "new",
        "Those that the job did not have before, and those that the update touches; the others are warnings.",
    ),
    ("all", "All of them."),
];

#[cfg(test)]
mod tests {
    use super::super::cases::ExpectedVerdict;
    use super::super::policy::{ON_ERRORS as READ_ON_ERRORS, ON_UPDATES as READ_ON_UPDATES};
    use super::*;
    use crate::admission::policy::Enforcement;

    fn words<T>(read: &[(&'static str, T)]) -> Vec<&'static str> {
        read.iter().map(|(word, _)| *word).collect()
    }

    #[test]
    fn the_words_are_those_that_are_read() {
        assert_eq!(words(&ENFORCEMENTS), words(&Enforcement::NAMES));
        assert_eq!(words(&ON_ERRORS), words(&READ_ON_ERRORS));
        assert_eq!(words(&ON_UPDATES), words(&READ_ON_UPDATES));
        let verdicts = [ExpectedVerdict::Admitted, ExpectedVerdict::Refused];
        assert_eq!(words(&of_tests::VERDICTS), verdicts.map(ExpectedVerdict::name));
    }
}
