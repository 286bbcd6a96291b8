//! YAML as a tree in which every key and value knows where it was written.
//!
//! It is built from the parser's events and not from a ready-made tree of values, because the configuration needs what
//! such a tree loses: `7.10` as it was written and not as the number 7.1, duplicate keys, and the place of each.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use saphyr_parser::{Event, Parser, ScanError, Span, Tag};

use super::problem::Problem;
use super::scalar::{Scalar, ScalarKind};
use super::source::{Place, Source};

/// How deep lists and mappings may nest: far deeper than any key needs, and far less than the stack can hold.
const MOST_DEPTH: usize = 64;

/// One value, with its place.
#[derive(Debug)]
pub(super) struct Node {
    /// Where it stands. Of a list or mapping over several lines, the first.
    pub(super) place: Place,
    /// What it is.
    pub(super) content: Content,
}

/// What a value is.
#[derive(Debug)]
pub(super) enum Content {
    /// A single text, number, boolean or nothing.
    Scalar(Scalar),
    /// Values one after the other.
    List(Vec<Arc<Node>>),
    /// Keys with their values, in the order written, duplicates included.
    Mapping(Vec<(Arc<Node>, Arc<Node>)>),
}

impl Node {
    /// What was found, as a message says it.
    pub(super) fn found(&self) -> String {
        match &self.content {
            Content::Scalar(scalar) => scalar.found(),
            Content::List(_) => "a list".to_owned(),
            Content::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// Whether nothing was written, or `null`.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.content, Content::Scalar(scalar) if scalar.kind == ScalarKind::Null)
    }
}

/// Reads a source's one document. There is none in an empty file or one with only comments.
pub(super) fn read(source: &Arc<Source>) -> Result<Option<Arc<Node>>, Problem> {
    let mut builder = Builder::new(source);
    for event in Parser::new_from_str(source.text()) {
        let (event, span) = event.map_err(|error| builder.syntax_problem(&error))?;
        builder.take(event, span)?;
    }
    Ok(builder.root)
}

/// A list or mapping whose end has not been seen yet.
struct Unfinished {
    content: Content,
    /// A mapping's key whose value is still to come.
    key: Option<Arc<Node>>,
    anchor: usize,
    start: usize,
}

/// Puts the tree together, event by event.
struct Builder<'s> {
    source: &'s Arc<Source>,
    /// The byte at which each character of the source starts, because the parser counts characters.
    byte_offsets: Vec<usize>,
    unfinished: Vec<Unfinished>,
    anchors: HashMap<usize, Arc<Node>>,
    documents: usize,
    root: Option<Arc<Node>>,
}

impl<'s> Builder<'s> {
    fn new(source: &'s Arc<Source>) -> Self {
        let byte_offsets = source.text().char_indices().map(|(offset, _)| offset).collect();
        Self {
            source,
            byte_offsets,
            unfinished: Vec::new(),
            anchors: HashMap::new(),
            documents: 0,
            root: None,
        }
    }

    fn take(&mut self, event: Event<'_>, span: Span) -> Result<(), Problem> {
        let bytes = self.byte(span.start.index())..self.byte(span.end.index());
        match event {
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentEnd => Ok(()),
            Event::DocumentStart(_) => {
                self.documents += 1;
                if self.documents == 1 {
                    return Ok(());
                }
                Err(
                    Problem::new(&self.place(bytes), "the configuration is a single YAML document")
                        .label("a second document starts here"),
                )
            }
            Event::Alias(anchor) => {
                let place = self.place(bytes);
                let named = self
                    .anchors
                    .get(&anchor)
                    .ok_or_else(|| Problem::new(&place, "an alias cannot stand inside the value that it repeats"))?;
                self.add(Arc::clone(named));
                Ok(())
            }
            Event::Scalar(text, style, anchor, tag) => {
                let place = self.value_place(bytes);
                let scalar = Scalar::read(&text, style, tag.as_deref()).map_err(|tag| unknown_tag(&place, &tag))?;
                self.finish(place, Content::Scalar(scalar), anchor);
                Ok(())
            }
            Event::SequenceStart(anchor, tag) => {
                self.start(Content::List(Vec::new()), "seq", anchor, tag.as_deref(), bytes)
            }
            Event::MappingStart(anchor, tag) => {
                self.start(Content::Mapping(Vec::new()), "map", anchor, tag.as_deref(), bytes)
            }
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(Unfinished {
                    content, anchor, start, ..
                }) = self.unfinished.pop()
                {
                    let place = self.first_line(start..bytes.end);
                    self.finish(place, content, anchor);
                }
                Ok(())
            }
        }
    }

    /// Begins a list or mapping, whose own tag may be written out.
    fn start(
        &mut self,
        content: Content,
        own_tag: &str,
        anchor: usize,
        tag: Option<&Tag>,
        bytes: Range<usize>,
    ) -> Result<(), Problem> {
        if let Some(tag) = tag.filter(|tag| !(tag.is_yaml_core_schema() && tag.suffix == own_tag)) {
            return Err(unknown_tag(&self.place(bytes), &tag.to_string()));
        }
        if self.unfinished.len() >= MOST_DEPTH {
            let message = format!("lists and mappings lie in each other more than {MOST_DEPTH} deep");
            return Err(Problem::new(&self.place(bytes), message));
        }
        self.unfinished.push(Unfinished {
            content,
            key: None,
            anchor,
            start: bytes.start,
        });
        Ok(())
    }

    /// A value is complete.
    fn finish(&mut self, place: Place, content: Content, anchor: usize) {
        let node = Arc::new(Node { place, content });
        // The parser numbers anchors from 1; 0 is a value without one.
        if anchor != 0 {
            self.anchors.insert(anchor, Arc::clone(&node));
        }
        self.add(node);
    }

    /// Puts a complete value where it belongs: into what is unfinished, or on top.
    fn add(&mut self, node: Arc<Node>) {
        let Some(parent) = self.unfinished.last_mut() else {
            self.root = Some(node);
            return;
        };
        match &mut parent.content {
            Content::Scalar(_) => {}
            Content::List(items) => items.push(node),
            Content::Mapping(entries) => match parent.key.take() {
                Some(key) => entries.push((key, node)),
                None => parent.key = Some(node),
            },
        }
    }

    /// Where a scalar stands; one that was not written out is missed at its key.
    fn value_place(&self, bytes: Range<usize>) -> Place {
        let key = self.unfinished.last().and_then(|parent| parent.key.as_ref());
        match key {
            Some(key) if bytes.is_empty() => key.place.clone(),
            _ => self.place(bytes),
        }
    }

    fn place(&self, bytes: Range<usize>) -> Place {
        Place::new(self.source, bytes)
    }

    /// The bytes up to the end of their first line, so that a whole section is not underlined for one mistake.
    fn first_line(&self, bytes: Range<usize>) -> Place {
        let text = self.source.text().get(bytes.clone()).unwrap_or_default();
        let line = text.lines().next().unwrap_or_default().trim_end();
        self.place(bytes.start..bytes.start + line.len())
    }

    fn byte(&self, character: usize) -> usize {
        self.byte_offsets
            .get(character)
            .copied()
            .unwrap_or(self.source.text().len())
    }

    fn syntax_problem(&self, error: &ScanError) -> Problem {
        let at = self.byte(error.marker().index());
        Problem::new(&self.place(at..at), format!("this is not YAML: {}", error.info()))
    }
}

fn unknown_tag(place: &Place, tag: &str) -> Problem {
    Problem::new(place, format!("the tag `{tag}` means nothing here")).help(Some("write the value without it"))
}
