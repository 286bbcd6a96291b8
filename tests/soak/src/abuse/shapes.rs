//! Bodies that are made to cost much: as much as they can of one thing, in so many bytes.

use std::fmt::Write as _;

/// A shape of body by name.
#[derive(Debug, Clone, Copy)]
pub struct Shape {
    /// Its name.
    pub name: &'static str,
    /// A body of about so many bytes.
    pub body: fn(usize) -> String,
}

const fn shape(name: &'static str, body: fn(usize) -> String) -> Shape {
    Shape { name, body }
}

/// Every shape.
pub const SHAPES: &[Shape] = &[
    shape("small detectors", |size| {
        detectors(size, |_| "{\"function\":\"count\"}".to_owned())
    }),
    shape("distinct detectors", |size| {
        detectors(size, |number| {
            format!("{{\"function\":\"sum\",\"field_name\":\"{number}\"}}")
        })
    }),
    shape("large detectors", |size| {
        detectors(size, |number| {
            format!(
                "{{\"function\":\"mean\",\"field_name\":\"f{number}\",\"by_field_name\":\"b\",\"custom_rules\":[{{\"scope\":\
                 {{\"b\":{{\"filter_id\":\"s\"}}}},\"conditions\":[{{\"applies_to\":\"actual\",\"operator\":\"gt\",\
                 \"value\":{number}}}]}}]}}"
            )
        })
    }),
    shape("small rules", |size| {
        let rule = "{\"conditions\":[{\"applies_to\":\"time\",\"operator\":\"gt\",\"value\":1}]}";
        let rules = list(size, |_| rule.to_owned());
        with_detector(&format!("{{\"function\":\"count\",\"custom_rules\":{rules}}}"))
    }),
    shape("small conditions", |size| {
        let conditions = list(size, |_| {
            "{\"applies_to\":\"time\",\"operator\":\"gt\",\"value\":1}".to_owned()
        });
        with_detector(&format!(
            "{{\"function\":\"count\",\"custom_rules\":[{{\"conditions\":{conditions}}}]}}"
        ))
    }),
    shape("scope", |size| {
        let scope = object(size, |number| format!("\"s{number}\":{{\"filter_id\":\"\"}}"));
        with_detector(&format!(
            "{{\"function\":\"count\",\"by_field_name\":\"b\",\"custom_rules\":[{{\"scope\":{scope}}}]}}"
        ))
    }),
    shape("categorization filters", |size| {
        categorization(&format!(
            "\"categorization_filters\":{}",
            list(size, |number| format!("\"{number}\""))
        ))
    }),
    shape("components of an analyzer", |size| {
        let filters = list(size, |_| "\"a\"".to_owned());
        categorization(&format!(
            "\"categorization_analyzer\":{{\"tokenizer\":\"t\",\"filter\":{filters}}}"
        ))
    }),
    shape("settings of components", |size| {
        let filters = list(size, |_| "{\"a\":1}".to_owned());
        categorization(&format!(
            "\"categorization_analyzer\":{{\"tokenizer\":\"t\",\"filter\":{filters}}}"
        ))
    }),
    shape("settings with dots", |size| {
        tokenizer(&format!("{{\"{}\":1}}", "a.".repeat(size / 2) + "a"))
    }),
    shape("nested settings with long names", |size| {
        let name = "n".repeat(size / 900);
        tokenizer(&format!(
            "{}1{}",
            format!("{{\"x\":1,\"{name}\":").repeat(900),
            "}".repeat(900)
        ))
    }),
    shape("list in settings", |size| {
        tokenizer(&format!("{{\"a\":{}}}", list(size, |_| "1".to_owned())))
    }),
    shape("influencers", |size| {
        let influencers = list(size, |number| format!("\"{number}\""));
        with_analysis(&format!(
            "\"detectors\":[{{\"function\":\"count\"}}],\"influencers\":{influencers}"
        ))
    }),
    shape("groups", |size| {
        with_job(&format!("\"groups\":{}", list(size, |number| format!("\"g{number}\""))))
    }),
    shape("same group", |size| {
        with_job(&format!("\"groups\":{}", list(size, |_| "\"g\"".to_owned())))
    }),
    shape("tiny numbers", |size| custom(&list(size, |_| "1".to_owned()))),
    shape("fractions", |size| custom(&list(size, |_| "1e9".to_owned()))),
    shape("empty objects", |size| custom(&list(size, |_| "{}".to_owned()))),
    shape("small objects", |size| custom(&list(size, |_| "{\"a\":1}".to_owned()))),
    shape("many names", |size| {
        custom(&object(size, |number| format!("\"{number}\":1")))
    }),
    shape("escaped names", |size| {
        custom(&object(size, |number| format!("\"\\u0061{number}\":1")))
    }),
    shape("deep nesting", |size| {
        let deep = format!("{}{}", "[".repeat(900), "]".repeat(900));
        custom(&list(size, |_| deep.clone()))
    }),
    shape("elements nested deep", |size| {
        let elements = list(size, |_| "1".to_owned());
        custom(&format!("{}{elements}{}", "[".repeat(900), "]".repeat(900)))
    }),
    shape("too deep", |size| custom(&"[".repeat(size))),
    shape("one long text", |size| {
        with_job(&format!("\"description\":\"{}\"", "a".repeat(size)))
    }),
    shape("escapes", |size| custom(&format!("\"{}\"", "\\u0001".repeat(size / 6)))),
    shape("characters beyond 16 bits", |size| {
        custom(&format!("\"{}\"", "𝒳".repeat(size / 4)))
    }),
    shape("description of quotes", |size| {
        with_detector(&format!(
            "{{\"function\":\"mean\",\"field_name\":\"{}\"}}",
            "é".repeat(size / 2)
        ))
    }),
    shape("long unknown name", |size| format!("{{\"{}\":1}}", "u".repeat(size))),
    shape("long unknown parameter", |size| {
        tokenizer("1").replace("tokenizer", &"t".repeat(size))
    }),
    shape("long wrong value", |size| {
        with_analysis(&format!("\"bucket_span\":\"{}\"", "1".repeat(size)))
    }),
    shape("long number", |size| {
        with_job(&format!("\"results_retention_days\":{}", "1".repeat(size)))
    }),
    shape("long pattern", |size| {
        categorization(&format!("\"categorization_filters\":[\"{}\"]", "(".repeat(size)))
    }),
    shape("long time format", |size| {
        let job = with_job("\"description\":\"\"");
        job.replace(
            "\"data_description\":{}",
            &format!("\"data_description\":{{\"time_format\":\"{}\"}}", "y".repeat(size)),
        )
    }),
    shape("blanks", |size| {
        with_job(&format!("{}\"description\":\"\"", " ".repeat(size)))
    }),
    shape("comments", |size| {
        with_job(&format!("{}\"description\":\"\"", "/**/".repeat(size / 4)))
    }),
    shape("line ends", |size| format!("{}{{\"x\":1}}", "\n".repeat(size))),
];

/// A list or object of so many entries that it has about `size` bytes.
fn entries(size: usize, open: char, close: char, entry: impl Fn(usize) -> String) -> String {
    let mut text = String::with_capacity(size + 64);
    text.push(open);
    let mut number = 0;
    while text.len() < size {
        let comma = if number == 0 { "" } else { "," };
        let _ = write!(text, "{comma}{}", entry(number));
        number += 1;
    }
    text.push(close);
    text
}

fn list(size: usize, entry: impl Fn(usize) -> String) -> String {
    entries(size, '[', ']', entry)
}

fn object(size: usize, entry: impl Fn(usize) -> String) -> String {
    entries(size, '{', '}', entry)
}

fn with_analysis(members: &str) -> String {
    format!("{{\"analysis_config\":{{{members}}},\"data_description\":{{}}}}")
}

fn with_detector(detector: &str) -> String {
    with_analysis(&format!("\"detectors\":[{detector}]"))
}

fn with_job(member: &str) -> String {
    format!("{{\"analysis_config\":{{\"detectors\":[{{\"function\":\"count\"}}]}},\"data_description\":{{}},{member}}}")
}

fn detectors(size: usize, detector: impl Fn(usize) -> String) -> String {
    with_analysis(&format!("\"detectors\":{}", list(size, detector)))
}

fn categorization(member: &str) -> String {
    let detector = "{\"function\":\"count\",\"by_field_name\":\"mlcategory\"}";
    with_analysis(&format!(
        "\"categorization_field_name\":\"m\",\"detectors\":[{detector}],{member}"
    ))
}

fn tokenizer(settings: &str) -> String {
    categorization(&format!("\"categorization_analyzer\":{{\"tokenizer\":{settings}}}"))
}

fn custom(value: &str) -> String {
    with_job(&format!("\"custom_settings\":{{\"a\":{value}}}"))
}
