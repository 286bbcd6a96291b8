//! What is wrong with a configuration, reported as a compiler does it: where, what, and what to do.

use std::fmt;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::redaction::redact;
use super::source::{Origin, Place};

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Problem {
    message: String,
    place: Place,
    label: Option<String>,
    /// Another place that one must know of, with what it has to do with it.
    related: Option<Box<(Place, String)>>,
    help: Option<String>,
}

impl Problem {
    /// Something wrong at that place.
    pub(super) fn new(place: &Place, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            place: place.clone(),
            label: None,
            related: None,
            help: None,
        }
    }

    /// With a word beside the underlined text.
    pub(super) fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }

    /// With a second place of the same source.
    pub(super) fn related(mut self, place: &Place, label: impl Into<String>) -> Self {
        self.related = Some(Box::new((place.clone(), label.into())));
        self
    }

    /// With advice on what to do, if there is any.
    pub(super) fn help(mut self, help: Option<impl Into<String>>) -> Self {
        self.help = help.map(Into::into);
        self
    }

    /// Draws the message, the line and its underline.
    fn render(&self, renderer: &Renderer) -> String {
        // Texts are hidden as lines are, because a message may quote what was written, such as an unknown key.
        let redact_option = |text: &Option<String>| text.as_deref().map(redact);
        let source = &self.place.source;
        let shown = source.shown();
        let mut snippet = Snippet::source(shown.text());
        snippet = match &source.origin {
            Origin::File(path) => snippet.path(path.as_str()),
            // A variable and a flag are lines that name themselves.
            Origin::Environment | Origin::CommandLine => snippet.line_numbering(false),
        };
        let span = shown.span(&self.place.span);
        snippet = snippet.annotation(AnnotationKind::Primary.span(span).label(redact_option(&self.label)));
        if let Some((place, label)) = self.related.as_deref() {
            let span = shown.span(&place.span);
            snippet = snippet.annotation(AnnotationKind::Context.span(span).label(redact(label)));
        }
        let mut group = Group::with_title(Level::ERROR.primary_title(redact(&self.message))).element(snippet);
        match &source.origin {
            Origin::File(_) => {}
            Origin::Environment => group = group.element(Level::NOTE.message("from the environment")),
            Origin::CommandLine => group = group.element(Level::NOTE.message("from the command line")),
        }
        if let Some(help) = redact_option(&self.help) {
            group = group.element(Level::HELP.message(help));
        }
        renderer.render(&[group])
    }
}

/// Everything that is wrong with a configuration: the file's problems in their order, then the environment's, then the
/// command line's.
#[derive(Debug)]
pub struct Problems(Vec<Problem>);

impl Problems {
    /// The problems in the order in which they are told, or `Ok` if there are none.
    pub(super) fn none_of(mut problems: Vec<Problem>) -> Result<(), Self> {
        if problems.is_empty() {
            return Ok(());
        }
        problems.sort_by(|one, other| order(one).cmp(&order(other)));
        Err(Self(problems))
    }

    /// How many there are: at least one.
    #[must_use]
    pub fn count(&self) -> usize {
        self.0.len()
    }

    /// The text that people read, in colours if that is asked for. It holds no password.
    #[must_use]
    pub fn render(&self, in_colours: bool) -> String {
        let renderer = if in_colours {
            Renderer::styled()
        } else {
            Renderer::plain()
        };
        let drawn: Vec<String> = self.0.iter().map(|problem| problem.render(&renderer)).collect();
        drawn.join("\n\n")
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(false))
    }
}

impl std::error::Error for Problems {}

/// What problems are sorted by. Variables come by their name, because the environment has no order of its own.
fn order(problem: &Problem) -> (&Origin, &str, usize) {
    let source = &problem.place.source;
    let name = if source.origin == Origin::Environment {
        source.text()
    } else {
        ""
    };
    (&source.origin, name, problem.place.span.start)
}
