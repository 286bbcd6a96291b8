//! What judging a document by a schema may cost, found out without judging it; and the schemas that would never end.
//!
//! A schema that refers to itself deeper in the document ends with the document. But one that refers twice, as in
//! `allOf: [{ $ref: … }, { $ref: … }]`, judges each level twice as often as the one above it. So it is counted when a
//! schema is compiled how much it judges of a value on each level; with the number of values on each level that gives
//! the cost of a document.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use serde_json::{Map, Value};

use super::super::defaults::below;
use super::super::measure::{BYTES_IN_A_STEP, MOST_LEVELS, MOST_STEPS_OF_ONE, Measure};
use super::PolicySchemaError;

/// How many schemas may judge one value inside each other: they are gone through one in the other.
const MOST_NESTED: usize = 16;

/// Keywords whose schemas judge the same value as the schema that they stand in.
const IN_PLACE: [&str; 8] = [
    "allOf",
    "anyOf",
    "dependentSchemas",
    "else",
    "if",
    "not",
    "oneOf",
    "then",
];

/// Keywords whose schemas judge what is in the value.
const BELOW: [&str; 9] = [
    "additionalProperties",
    "contains",
    "items",
    "patternProperties",
    "prefixItems",
    "properties",
    "propertyNames",
    "unevaluatedItems",
    "unevaluatedProperties",
];

/// Keywords whose value names schemas, rather than being one or a list of them.
const NAMED: [&str; 4] = ["$defs", "dependentSchemas", "patternProperties", "properties"];

/// What a schema may cost, by the level of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Cost {
    levels: Vec<Level>,
    /// Whether elements are compared with each other.
    compares_elements: bool,
}

/// What is done with each value on a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Level {
    /// How many keywords judge it, and how large they are.
    keywords: u64,
    /// How many of these are patterns.
    patterns: u64,
}

impl Cost {
    /// The cost of a schema, if it ends.
    pub(super) fn of(schema: &Value) -> Result<Self, PolicySchemaError> {
        let graph = Graph::of(schema)?;
        let order = graph.in_order()?;
        let mut levels = Vec::new();
        let mut times: HashMap<usize, u64> = HashMap::from([(0, 1)]);
        while levels.len() < MOST_LEVELS && !times.is_empty() {
            let (level, below) = graph.level(&order, times);
            levels.push(level);
            times = below;
        }
        if levels.first().is_some_and(|level| level.keywords > MOST_STEPS_OF_ONE) {
            return Err(at("", "it asks too much of a single value"));
        }
        let compares_elements = graph.schemas.iter().any(|schema| schema.compares_elements);
        Ok(Self {
            levels,
            compares_elements,
        })
    }

    /// How many steps judging a document of this measure may take; none where the document is too deep.
    pub(super) fn steps(&self, document: &Measure) -> Option<u64> {
        let levels = document.levels.as_ref()?.iter().zip(&self.levels);
        let judged = levels.map(|(document, schema)| {
            let keywords = document.values.saturating_mul(schema.keywords);
            keywords.saturating_add(document.bytes.saturating_mul(schema.patterns))
        });
        let compared = if self.compares_elements {
            document.weight.saturating_mul(document.longest)
        } else {
            0
        };
        Some(judged.fold(compared / BYTES_IN_A_STEP, u64::saturating_add))
    }
}

/// The schemas in a schema, and which leads to which.
struct Graph<'s> {
    root: &'s Value,
    schemas: Vec<Inner>,
    known: HashMap<String, usize>,
}

#[derive(Default)]
struct Inner {
    pointer: String,
    own: Level,
    compares_elements: bool,
    in_place: Vec<usize>,
    below: Vec<usize>,
}

impl<'s> Graph<'s> {
    fn of(root: &'s Value) -> Result<Self, PolicySchemaError> {
        let mut graph = Self {
            root,
            schemas: Vec::new(),
            known: HashMap::new(),
        };
        graph.add(root, "")?;
        Ok(graph)
    }

    /// Adds the schema at a pointer with all that it leads to, and gives its place.
    fn add(&mut self, schema: &'s Value, pointer: &str) -> Result<usize, PolicySchemaError> {
        if let Some(place) = self.known.get(pointer) {
            return Ok(*place);
        }
        let place = self.schemas.len();
        self.known.insert(pointer.to_owned(), place);
        self.schemas.push(Inner::default());
        let mut inner = Inner {
            pointer: pointer.to_owned(),
            ..Inner::default()
        };
        inner.own.keywords = 1;
        for (keyword, value) in schema.as_object().into_iter().flatten() {
            let here = below(pointer, keyword);
            if keyword == "$ref" {
                let (target, at) = self.referred(value, &here)?;
                inner.in_place.push(self.add(target, at)?);
            } else if IN_PLACE.contains(&keyword.as_str()) {
                inner.in_place.extend(self.add_all(keyword, value, &here)?);
            } else if BELOW.contains(&keyword.as_str()) {
                inner.below.extend(self.add_all(keyword, value, &here)?);
            } else if !NAMED.contains(&keyword.as_str()) {
                inner.own.keywords += values(value);
            }
            inner.own.patterns += match (keyword.as_str(), value) {
                ("pattern", _) => 1,
                ("patternProperties", Value::Object(patterns)) => patterns.len() as u64,
                _ => 0,
            };
            inner.compares_elements |= keyword == "uniqueItems";
        }
        if let Some(added) = self.schemas.get_mut(place) {
            *added = inner;
        }
        Ok(place)
    }

    /// Adds the schemas of a keyword.
    fn add_all(&mut self, keyword: &str, value: &'s Value, pointer: &str) -> Result<Vec<usize>, PolicySchemaError> {
        match value {
            Value::Array(schemas) => {
                let schemas = schemas.iter().enumerate();
                schemas
                    .map(|(place, schema)| self.add(schema, &format!("{pointer}/{place}")))
                    .collect()
            }
            Value::Object(schemas) if NAMED.contains(&keyword) => self.add_named(schemas, pointer),
            schema => Ok(vec![self.add(schema, pointer)?]),
        }
    }

    fn add_named(&mut self, schemas: &'s Map<String, Value>, pointer: &str) -> Result<Vec<usize>, PolicySchemaError> {
        schemas
            .iter()
            .map(|(name, schema)| self.add(schema, &below(pointer, name)))
            .collect()
    }

    /// What a reference leads to, and its pointer.
    fn referred(&self, reference: &'s Value, pointer: &str) -> Result<(&'s Value, &'s str), PolicySchemaError> {
        let local = reference.as_str().and_then(|text| text.strip_prefix('#'));
        let found = local.and_then(|target| Some((self.root.pointer(target)?, target)));
        found.ok_or_else(|| {
            at(
                pointer,
                "a reference is `#` and a JSON Pointer to a place of this schema",
            )
        })
    }

    /// The schemas, each before those that judge the same value inside of it.
    fn in_order(&self) -> Result<Vec<usize>, PolicySchemaError> {
        let mut walk = Walk {
            graph: self,
            heights: HashMap::new(),
            open: Vec::new(),
            order: Vec::new(),
        };
        for place in 0..self.schemas.len() {
            walk.height(place)?;
        }
        walk.order.reverse();
        Ok(walk.order)
    }

    /// What is done with a value that these schemas judge so many times, and which judge what is in it how many times.
    fn level(&self, order: &[usize], mut times: HashMap<usize, u64>) -> (Level, HashMap<usize, u64>) {
        let mut level = Level::default();
        let mut below: HashMap<usize, u64> = HashMap::new();
        let add = |times: &mut HashMap<usize, u64>, place: usize, count: u64| {
            let sum = times.entry(place).or_default();
            *sum = sum.saturating_add(count);
        };
        for place in order {
            let (Some(count), Some(schema)) = (times.get(place).copied(), self.schemas.get(*place)) else {
                continue;
            };
            level.keywords = level.keywords.saturating_add(schema.own.keywords.saturating_mul(count));
            level.patterns = level.patterns.saturating_add(schema.own.patterns.saturating_mul(count));
            schema.in_place.iter().for_each(|inner| add(&mut times, *inner, count));
            schema.below.iter().for_each(|inner| add(&mut below, *inner, count));
        }
        (level, below)
    }
}

/// A walk through schemas that judge the same value.
struct Walk<'g, 's> {
    graph: &'g Graph<'s>,
    /// How many schemas nest in each.
    heights: HashMap<usize, usize>,
    open: Vec<usize>,
    order: Vec<usize>,
}

impl Walk<'_, '_> {
    fn height(&mut self, place: usize) -> Result<usize, PolicySchemaError> {
        if let Some(height) = self.heights.get(&place) {
            return Ok(*height);
        }
        let Some(schema) = self.graph.schemas.get(place) else {
            return Ok(0);
        };
        if self.open.contains(&place) {
            let message = "what this refers to leads back here, at the same place of the document";
            return Err(at(&schema.pointer, message));
        }
        self.open.push(place);
        let mut height = 0;
        for inner in &schema.in_place {
            height = height.max(self.height(*inner)? + 1);
        }
        self.open.pop();
        if height > MOST_NESTED {
            return Err(at(&schema.pointer, "too many schemas nest in this one"));
        }
        self.heights.insert(place, height);
        self.order.push(place);
        Ok(height)
    }
}

fn at(pointer: &str, message: &str) -> PolicySchemaError {
    PolicySchemaError {
        pointer: pointer.to_owned(),
        message: message.to_owned(),
    }
}

/// How many values there are in a value.
fn values(value: &Value) -> u64 {
    let inner = match value {
        Value::Array(elements) => elements.iter().map(values).sum(),
        Value::Object(members) => members.values().map(values).sum(),
        _ => 0,
    };
    inner + 1
}
