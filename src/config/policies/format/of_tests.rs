//! The keys of the files beside policies that test them.

use super::Without::{Means, Required};
use super::{Form, Table, key};

/// A file of tests.
pub(in super::super) const TESTS: Table = Table {
    what: "a file of tests",
    title: "A file of tests",
    introduction: "Its name ends in `_test.yml`. The tests of `memory_test.yml` are of the policies of `memory.yml`; where there is no file of that name, of all policies in the folder.",
    definition: "tests",
    keys: &[key(
        "tests",
        Form::List(&TEST),
        Means("the file has none"),
        "The tests.",
    )],
    one_of: &[],
};

/// A test.
pub(in super::super) const TEST: Table = Table {
    what: "a test",
    title: "A test",
    introduction: "",
    definition: "test",
    keys: &[
        key("name", Form::Text, Required, "What the test shows."),
        key(
            "job_id",
            Form::Text,
            Means("the `job_id` of the `job`"),
            "The id of the job.",
        ),
        key("job", Form::Anything, Required, "The body of the request."),
        key(
            "user",
            Form::One(&USER),
            Means("a caller without a name"),
            "The caller.",
        ),
        key(
            "api",
            Form::Version,
            Means("the newest one"),
            "The version of Elasticsearch to judge as.",
        ),
        key(
            "today",
            Form::Day,
            Means("the day of the run"),
            "The day of the request, for `enforce_after` and `expires`.",
        ),
        key(
            "expect",
            Form::One(&EXPECT),
            Required,
            "What has to come of the request.",
        ),
    ],
    one_of: &[],
};

/// The caller of a test.
pub(in super::super) const USER: Table = Table {
    what: "`user`",
    title: "`user`",
    introduction: "",
    definition: "user",
    keys: &[
        key("name", Form::Text, Means("no name"), "The caller's name."),
        key("roles", Form::Texts, Means("no roles"), "The caller's roles."),
    ],
    one_of: &[],
};

/// What a test expects.
pub(in super::super) const EXPECT: Table = Table {
    what: "`expect`",
    title: "`expect`",
    introduction: "",
    definition: "expect",
    keys: &[
        key(
            "verdict",
            Form::Words(&VERDICTS),
            Means("either"),
            "What becomes of the request.",
        ),
        key(
            "violations",
            Form::TextsOr(&VIOLATION),
            Means("any"),
            "All violations, of every enforcement and in any order: names of policies, or mappings.",
        ),
        key(
            "effective",
            Form::Anything,
            Means("any"),
            "What the final document has at least.",
        ),
    ],
    one_of: &["verdict", "violations", "effective"],
};

/// A violation that a test expects.
pub(in super::super) const VIOLATION: Table = Table {
    what: "a violation",
    title: "An entry of `violations`",
    introduction: "",
    definition: "violation",
    keys: &[
        key("policy", Form::Text, Required, "The name of the policy."),
        key(
            "pointer",
            Form::AnyText,
            Means("anywhere"),
            "Where in the document, as a JSON Pointer (RFC 6901). That of the whole document is empty.",
        ),
    ],
    one_of: &[],
};

/// What `verdict` can be.
pub(super) const VERDICTS: [(&str, &str); 2] =
    [("admitted", "The job is created."), ("refused", "The job is refused.")];
