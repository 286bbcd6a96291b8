//! Which jobs a scope covers, and that the index finds them all.

use super::*;

fn scope(ids: &[&str], groups: &[&str], users: &[&str]) -> Scope {
    let patterns = |texts: &[&str]| texts.iter().map(|text| Pattern::parse(text).expect("a glob")).collect();
    Scope {
        ids: patterns(ids),
        groups: groups.iter().map(ToString::to_string).collect(),
        users: patterns(users),
    }
}

fn covers(scope: &Scope, id: &str, groups: &[&str], user: Option<&User>) -> bool {
    let groups: Vec<String> = groups.iter().map(ToString::to_string).collect();
    scope.covers(Subject {
        id,
        groups: &groups,
        user,
    })
}

#[test]
fn all_that_is_given_has_to_hold_and_one_of_each_is_enough() {
    let ada = User {
        name: "ada".to_owned(),
        roles: vec!["ml-admin".to_owned()],
        backend_roles: Vec::new(),
    };
    assert!(covers(&Scope::default(), "x", &[], None));
    let web = scope(&["web-*", "api"], &["web", "edge"], &[]);
    assert!(covers(&web, "web-1", &["edge", "x"], None));
    assert!(!covers(&web, "web-1", &["x"], None));
    assert!(!covers(&web, "db-1", &["web"], None));
    assert!(covers(&scope(&[], &[], &["ml-*"]), "x", &[], Some(&ada)));
    assert!(covers(&scope(&[], &[], &["ada"]), "x", &[], Some(&ada)));
    assert!(!covers(&scope(&[], &[], &["bob"]), "x", &[], Some(&ada)));
}

#[test]
fn who_is_not_known_is_only_anybody() {
    assert!(covers(&scope(&[], &[], &["*"]), "x", &[], None));
    assert!(!covers(&scope(&[], &[], &["a*"]), "x", &[], None));
    assert!(!scope(&[], &[], &["*"]).asks_for_user());
    assert!(scope(&[], &[], &["*", "ada"]).asks_for_user());
}

#[test]
fn an_exemption_holds_through_its_last_day() {
    let exemption = Exemption {
        scope: scope(&["web-*"], &[], &[]),
        owner: "data-team".to_owned(),
        reason: "migrating".to_owned(),
        expires: Some(Day::parse("2027-06-30").expect("a day")),
    };
    let covers = |now| {
        let subject = Subject {
            id: "web-1",
            groups: &[],
            user: None,
        };
        exemption.covers(subject, now)
    };
    let end = Day::parse("2027-07-01").expect("a day").start_millis();
    assert!(covers(end - 1));
    assert!(!covers(end));
}

#[test]
fn the_index_finds_what_the_scopes_cover() {
    let scopes = [
        scope(&["web-*"], &[], &[]),
        scope(&[], &["web"], &[]),
        scope(&[], &[], &["ada"]),
        scope(&["db-*", "*-1"], &["web"], &[]),
        scope(&["db-*"], &[], &[]),
        scope(&["*"], &["web"], &[]),
        scope(&["*"], &["db"], &[]),
        scope(&[], &[], &["*"]),
        scope(&[], &[], &["bob", "ml-*"]),
        scope(&["web-*"], &["db"], &[]),
        scope(&["web-?"], &["web"], &["bob"]),
        scope(&[], &["web"], &["ada"]),
    ];
    let index = Index::of(scopes.iter().enumerate()).expect("globs");
    let groups = ["web".to_owned()];
    let user = User {
        name: "ada".to_owned(),
        roles: vec!["ml-admin".to_owned()],
        backend_roles: Vec::new(),
    };
    let subject = |user| Subject {
        id: "web-1",
        groups: &groups,
        user,
    };
    assert_eq!(index.candidates(subject(Some(&user))), [0, 1, 2, 3, 5, 7, 8, 9, 10, 11]);
    for user in [None, Some(&user)] {
        let covering = scopes
            .iter()
            .enumerate()
            .filter(|(_, scope)| scope.covers(subject(user)));
        let covering: Vec<_> = covering.map(|(place, _)| place).collect();
        let found = index.candidates(subject(user)).into_iter();
        let found = found.filter(|place| scopes[*place].covers_found(subject(user)));
        assert_eq!(found.collect::<Vec<_>>(), covering);
    }
}
