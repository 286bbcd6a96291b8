//! No two files of `src/` use each other, directly or by way of others: each can be read once those below it are known.
//!
//! A module and what is inside of it are one: a room's front page re-exports its files, and they use what it defines.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fs;
use std::path::Path;

use syn::visit::{self, Visit};
use syn::{Attribute, Item, ItemMod, ItemUse, UseTree};

use crate::support::sources::rust_files;

/// A module, as the names that lead to it from the root of the crate.
type Module = Vec<String>;

/// Gathers the paths that a file names, outside of its tests.
struct Paths {
    /// The file's module, or one that stands inside of the file.
    module: Module,
    /// The modules in which paths were found, and these.
    found: Vec<(Module, Vec<String>)>,
}

impl<'ast> Visit<'ast> for Paths {
    fn visit_item(&mut self, item: &'ast Item) {
        let attributes = match item {
            Item::Mod(item) => &item.attrs,
            Item::Fn(item) => &item.attrs,
            Item::Impl(item) => &item.attrs,
            Item::Use(item) => &item.attrs,
            _ => return visit::visit_item(self, item),
        };
        if !attributes.iter().any(is_for_tests) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_mod(&mut self, inner: &'ast ItemMod) {
        self.module.push(inner.ident.to_string());
        visit::visit_item_mod(self, inner);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut leaves = Vec::new();
        leaves_of(&item.tree, &mut Vec::new(), &mut leaves);
        self.found
            .extend(leaves.into_iter().map(|path| (self.module.clone(), path)));
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names = path.segments.iter().map(|segment| segment.ident.to_string());
        self.found.push((self.module.clone(), names.collect()));
        visit::visit_path(self, path);
    }
}

fn is_for_tests(attribute: &Attribute) -> bool {
    attribute.path().is_ident("cfg")
        && attribute
            .parse_args::<syn::Ident>()
            .is_ok_and(|condition| condition == "test")
}

fn leaves_of(tree: &UseTree, before: &mut Vec<String>, leaves: &mut Vec<Vec<String>>) {
    match tree {
        UseTree::Path(path) => {
            before.push(path.ident.to_string());
            leaves_of(&path.tree, before, leaves);
            before.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|tree| leaves_of(tree, before, leaves)),
        UseTree::Name(name) => leaves.push([before.as_slice(), &[name.ident.to_string()]].concat()),
        UseTree::Rename(rename) => leaves.push([before.as_slice(), &[rename.ident.to_string()]].concat()),
        UseTree::Glob(_) => leaves.push(before.clone()),
    }
}

/// The module of a file that a path, found in a module, leads into; nothing for other crates and for names of items.
fn led_into(from: &[String], path: &[String], modules: &BTreeSet<Module>) -> Option<Module> {
    let mut module = from.to_vec();
    let mut names = path.iter().peekable();
    match path.first()?.as_str() {
        "crate" => {
            module.clear();
            names.next();
        }
        "self" => {
            names.next();
        }
        "super" => {
            while names.next_if(|name| *name == "super").is_some() {
                module.pop();
            }
        }
        first => {
            let child = [from, &[first.to_owned()]].concat();
            modules.contains(&child).then_some(())?;
        }
    }
    for name in names {
        module.push(name.clone());
        if !modules.contains(&module) {
            module.pop();
            break;
        }
    }
    while !module.is_empty() && !modules.contains(&module) {
        module.pop(); // A module inside of a file.
    }
    (!module.is_empty()).then_some(module)
}

/// What each of these texts uses of the others.
fn uses(texts: &BTreeMap<Module, String>) -> BTreeMap<Module, BTreeSet<Module>> {
    let modules: BTreeSet<Module> = texts.keys().cloned().collect();
    let of = |(module, text): (&Module, &String)| {
        let file = syn::parse_file(text).unwrap_or_else(|error| panic!("{module:?}: {error}"));
        let mut paths = Paths {
            module: module.clone(),
            found: Vec::new(),
        };
        paths.visit_file(&file);
        let used = paths
            .found
            .iter()
            .filter_map(|(from, path)| led_into(from, path, &modules));
        let others = used.filter(|used| !used.starts_with(module) && !module.starts_with(used));
        (module.clone(), others.collect())
    };
    texts.iter().map(of).collect()
}

/// The shortest way from a module back to it.
fn circle(start: &Module, uses: &BTreeMap<Module, BTreeSet<Module>>) -> Option<Vec<String>> {
    let mut came_from: BTreeMap<&Module, &Module> = BTreeMap::new();
    let mut next = VecDeque::from([start]);
    while let Some(module) = next.pop_front() {
        for used in uses.get(module).into_iter().flatten() {
            if used == start {
                let mut way = vec![module];
                while let Some(before) = came_from.get(way[way.len() - 1]) {
                    way.push(before);
                }
                return Some(way.iter().rev().map(|module| module.join("::")).collect());
            }
            if !came_from.contains_key(used) {
                came_from.insert(used, module);
                next.push_back(used);
            }
        }
    }
    None
}

#[test]
fn no_two_files_use_each_other() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut texts = BTreeMap::new();
    for file in rust_files(&source) {
        let within = file
            .strip_prefix(&source)
            .expect("a file of the folder")
            .with_extension("");
        let mut module: Module = within.iter().map(|name| name.to_string_lossy().into_owned()).collect();
        module.pop_if(|last| last == "mod");
        let is_root = matches!(module.as_slice(), [only] if only == "lib" || only == "main");
        if !is_root && !module.iter().any(|name| name == "tests") {
            texts.insert(module, fs::read_to_string(&file).expect("a source file"));
        }
    }
    let uses = uses(&texts);
    let count: usize = uses.values().map(BTreeSet::len).sum();
    assert!(count > 500, "only {count} uses were found");
    let circles: BTreeSet<_> = uses.keys().filter_map(|module| circle(module, &uses)).collect();
    assert!(circles.is_empty(), "{circles:#?}");
}

#[test]
fn a_circle_is_found_however_it_is_written() {
    let texts = [
        ("a", "use crate::b::{self, c::D};"),
        ("b", "pub mod c; fn f() { super::e::g() }"),
        (
            "b::c",
            "use super::super::a::X; #[cfg(test)] mod tests { use crate::e::Y; }",
        ),
        ("e", "mod inner { use super::super::a; } use std::fmt;"),
    ];
    let module = |name: &str| name.split("::").map(str::to_owned).collect::<Module>();
    let texts = texts.map(|(name, text)| (module(name), text.to_owned())).into();
    let uses = uses(&texts);
    assert_eq!(uses[&module("b::c")], BTreeSet::from([module("a")]));
    assert_eq!(circle(&module("a"), &uses).expect("a circle"), ["a", "b::c"]);
    assert_eq!(circle(&module("e"), &uses).expect("a circle"), ["e", "a", "b"]);
}
