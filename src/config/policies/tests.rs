//! What policy files mean, and how their problems read.

use insta::assert_snapshot;

use super::*;
use crate::admission::policy::{Day, Enforcement, OnError, OnUpdate};
use crate::config::problem::Problems;
use crate::config::source::Origin;

/// The example of the documentation, with everything that a policy can have.
const WHOLE: &str = "\
policies:
  - name: memory-budget
    description: Web teams stay under 512 MB a job.
    match:
      job_id: [\"web-*\"]
      groups: web
      users: [\"*\"]
    enforcement: enforce
    enforce_after: 2027-03-01
    defaults:
      analysis_limits: { model_memory_limit: 256mb }
    schema:
      properties:
        analysis_limits:
          properties:
            model_memory_limit: { x-max-bytes: 512mb }
    rule: size(job.analysis_config.detectors) <= 20
    message: Ask the platform team for more than 512 MB.
    link: https://example.org/ml-budget
    on_error: admit
    on_update: all
    exceptions:
      - { job_id: [\"web-legacy-*\"], owner: data-team, reason: migrating, expires: 2027-06-30 }
";

fn policies_of(yaml: &str) -> Result<Vec<Policy>, Problems> {
    let source = Source::new(Origin::File("policies.yml".to_owned()), yaml);
    let mut problems = Vec::new();
    let policies = read(&[source], job_members::of_a_job(), &mut problems);
    Problems::none_of(problems).map(|()| policies)
}

fn problems_of(yaml: &str) -> String {
    policies_of(yaml).expect_err("problems").to_string()
}

#[test]
fn a_policy_is_read_whole() {
    let policies = policies_of(WHOLE).expect("no problems");
    let [policy] = policies.as_slice() else {
        panic!("{policies:?}")
    };
    assert_eq!(policy.name, "memory-budget");
    assert_eq!(policy.enforcement, Enforcement::Enforce);
    assert_eq!(policy.enforce_after, Day::parse("2027-03-01").ok());
    assert_eq!(policy.scope.groups, ["web"]);
    assert_eq!((policy.scope.ids.len(), policy.scope.users.len()), (1, 1));
    assert_eq!(policy.defaults["analysis_limits"]["model_memory_limit"], "256mb");
    assert!(policy.schema.is_some());
    assert_eq!(
        policy.rule.as_ref().map(|rule| rule.text().to_owned()).as_deref(),
        Some("size(job.analysis_config.detectors) <= 20")
    );
    assert_eq!(policy.link.as_deref(), Some("https://example.org/ml-budget"));
    assert_eq!(policy.on_error, OnError::Admit);
    assert_eq!(policy.on_update, OnUpdate::All);
    let [exemption] = policy.exemptions.as_slice() else {
        panic!("{policy:?}")
    };
    assert_eq!(
        (exemption.owner.as_str(), exemption.reason.as_str()),
        ("data-team", "migrating")
    );
    assert_eq!(exemption.expires, Day::parse("2027-06-30").ok());
}

#[test]
fn what_is_wrong_is_told_where_it_stands() {
    let yaml = "\
policies:
  - name: one
    enforcment: enforce
    enforcement: sometimes
    schema:
      properties:
        groups: { minItem: 1 }
        description: { type: strin }
  - name: one
    enforcement: warn
    enforce_after: soon
    match: { job_id: [\"[a\"] }
    rule: jobs.x == 1
    link: example.org
    exceptions: [{ owner: me }]
  - enforcement: audit
";
    assert_snapshot!(problems_of(yaml), @r#"
    error: unknown key `enforcment`
     --> policies.yml:3:5
      |
    3 |     enforcment: enforce
      |     ^^^^^^^^^^
      |
      = help: did you mean `enforcement`?

    error: `enforcement`: expected one of `enforce`, `warn`, `audit`, `off`
     --> policies.yml:4:18
      |
    4 |     enforcement: sometimes
      |                  ^^^^^^^^^

    error: `schema`: the keyword `minItem` is not known, so it would ask for nothing
     --> policies.yml:7:19
      |
    7 |         groups: { minItem: 1 }
      |                   ^^^^^^^
      |
      = help: did you mean `minItems`?

    error: `enforce_after` is for policies that are enforced
      --> policies.yml:11:20
       |
    11 |     enforce_after: soon
       |                    ^^^^
       |
       = help: this one has `enforcement: warn`

    error: `enforce_after`: a day is written like `2027-03-01`
      --> policies.yml:11:20
       |
    11 |     enforce_after: soon
       |                    ^^^^

    error: `job_id`: `[a` is not a glob: error parsing glob '[a': unclosed character class; missing ']'
      --> policies.yml:12:23
       |
    12 |     match: { job_id: ["[a"] }
       |                       ^^^^

    error: `rule`: `jobs` is not known here; the document is `job`
      --> policies.yml:13:11
       |
    13 |     rule: jobs.x == 1
       |           ^^^^^^^^^^^

    error: `link`: expected a URL that begins with `https://` or `http://`
      --> policies.yml:14:11
       |
    14 |     link: example.org
       |           ^^^^^^^^^^^

    error: an exception has a `reason`, and this one has none
      --> policies.yml:15:18
       |
    15 |     exceptions: [{ owner: me }]
       |                  ^^^^^^^^^^^^^

    error: an exception names `job_id`, `groups` or `users`; this one is of every job
      --> policies.yml:15:18
       |
    15 |     exceptions: [{ owner: me }]
       |                  ^^^^^^^^^^^^^
       |
       = help: to switch the policy off, write `enforcement: off`

    error: a policy has a `name`, and this one has none
      --> policies.yml:16:5
       |
    16 |   - enforcement: audit
       |     ^^^^^^^^^^^^^^^^^^

    error: a policy has `defaults`, a `schema` or a `rule`, and this one has none of them
      --> policies.yml:16:5
       |
    16 |   - enforcement: audit
       |     ^^^^^^^^^^^^^^^^^^
    "#);
}

#[test]
fn bounds_have_units_and_schemas_end() {
    let yaml = "\
policies:
  - name: bounds
    enforcement: enforce
    schema: { properties: { groups: { x-max-bytes: 12 } } }
  - name: endless
    enforcement: enforce
    schema: { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } }
";
    assert_snapshot!(problems_of(yaml), @r#"
    error: `schema`: `x-max-bytes` is a byte size such as `512mb`, not [12]
     --> policies.yml:4:52
      |
    4 |     schema: { properties: { groups: { x-max-bytes: 12 } } }
      |                                                    ^^

    error: `schema`: what this refers to leads back here, at the same place of the document
     --> policies.yml:7:46
      |
    7 |     schema: { $ref: '#/$defs/a', $defs: { a: { allOf: [{ $ref: '#/$defs/a' }] } } }
      |                                              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
    "#);
}

/// A worker judges what is certain to be short, and hands over the rest.
#[test]
fn how_long_a_body_may_take_follows_from_the_policies() {
    let set = |yaml: &str| PolicySet::new(policies_of(yaml).expect("no problems"), Revision::default()).expect("a set");
    assert!(!PolicySet::default().may_take_long(usize::MAX));
    assert!(!set(WHOLE).may_take_long(2_000));
    let loops =
        "policies:\n  - { name: a, enforcement: MODE, rule: \"job.groups.all(a, job.groups.all(b, a != b))\" }\n";
    assert!(set(&loops.replace("MODE", "audit")).may_take_long(2_000));
    assert!(!set(&loops.replace("MODE", "off")).may_take_long(2_000));
}

fn problems_of_policy(member: &str) -> String {
    let yaml = format!("policies:\n  - name: a\n    enforcement: warn\n    {member}\n");
    policies_of(&yaml).map_or_else(|problems| problems.to_string(), |_| String::new())
}

/// Such a policy asks for nothing, or refuses every job.
#[test]
fn what_no_job_has_is_told_with_what_was_meant() {
    for (member, told) in [
        ("rule: job.descripton == 'x'", "did you mean `description`?"),
        ("rule: has(job.analysis_config.detectrs)", "did you mean `detectors`?"),
        (
            "rule: job.analysis_config.detectors.all(d, d.functon != 'rare')",
            "did you mean `function`?",
        ),
        (
            "defaults: { no_such_field: 1 }",
            "no job has a member `no_such_field` there",
        ),
        (
            "defaults: { analysis_limits: { model_memory_limt: 1gb } }",
            "did you mean `model_memory_limit`?",
        ),
        (
            "schema: { properties: { anlysis_config: {} } }",
            "did you mean `analysis_config`?",
        ),
        ("schema: { required: [desription] }", "did you mean `description`?"),
        (
            "schema: { anyOf: [{ properties: { analysis_config: { properties: { detectors: { items: { required: [functon] } } } } } }] }",
            "did you mean `function`?",
        ),
    ] {
        let problems = problems_of_policy(member);
        assert!(problems.contains(told), "{member}: {problems}");
    }
    for member in [
        "rule: job.analysis_config.detectors.all(d, !has(d.custom_rules) || d.function != 'rare')",
        "rule: has(job.custom_settings.owner.team) && job.custom_settings.owner.team != ''",
        "rule: has(job.analysis_config.model_prune_window)",
        "defaults: { custom_settings: { anything: { at: all } }, groups: [web] }",
        "schema: { properties: { custom_settings: { properties: { owner: {} }, required: [owner] } } }",
    ] {
        assert_eq!(problems_of_policy(member), "", "{member}");
    }
}

#[test]
fn a_rule_that_is_neither_true_nor_false_is_told() {
    for rule in [
        "size(job.analysis_config.detectors) + 1",
        "job.description",
        "'yes'",
        "job.groups.map(g, g)",
    ] {
        let problems = problems_of_policy(&format!("rule: \"{rule}\""));
        assert!(problems.contains("neither true nor false"), "{rule}: {problems}");
    }
    for rule in [
        "job.allow_lazy_open",
        "job.custom_settings.is_fine",
        "has(job.description)",
    ] {
        assert_eq!(problems_of_policy(&format!("rule: {rule}")), "", "{rule}");
    }
}

/// It looks like nothing, and would be everything.
#[test]
fn an_empty_list_of_what_a_policy_is_about_is_told() {
    for name in ["job_id", "groups", "users"] {
        let problems = problems_of_policy(&format!("rule: 'true'\n    match: {{ {name}: [] }}"));
        assert!(problems.contains(&format!("`{name}`: the list is empty")), "{problems}");
    }
}

/// With such a value no job could be judged by the policy.
#[test]
fn a_default_that_the_api_does_not_take_is_told_with_its_field_and_what_was_meant() {
    let yaml = "\
policies:
  - name: a
    enforcement: warn
    defaults:
      analysis_limits: { model_memory_limit: 1 gigabyte }
      results_retention_days: many
      datafeed_config: { indices: [logs], chunking_config: { mode: autoo } }
";
    let problems = problems_of(yaml);
    for told in [
        "no such value for `analysis_limits.model_memory_limit`",
        "policies.yml:5:46",
        "no such value for `results_retention_days`",
        "no such value for `datafeed_config.chunking_config.mode`",
    ] {
        assert!(problems.contains(told), "{told}: {problems}");
    }
    for (member, told) in [
        (
            "defaults: { model_plot_config: { enabled: truee } }",
            "did you mean `true`?",
        ),
        ("defaults: { description: [web] }", "no such value for `description`"),
        (
            "defaults: { datafeed_config: { indexs: [a] } }",
            "did you mean `indexes`?",
        ),
        (
            "defaults: { datafeed: { indices: [a] } }",
            "no job has a member `datafeed` there",
        ),
    ] {
        let problems = problems_of_policy(member);
        assert!(problems.contains(told), "{member}: {problems}");
    }
    for member in [
        "defaults: { datafeed_config: { indices: [logs] } }",
        "defaults: { model_plot_config: { enabled: true }, analysis_config: { bucket_span: 15m } }",
        "defaults: { results_retention_days: -1 }",
    ] {
        assert_eq!(problems_of_policy(member), "", "{member}");
    }
}
