//! The properties of characters that Java's regular expressions know by name, as in `\p{Alpha}` (the documentation of
//! `java.util.regex.Pattern`, and of the methods of `Character` that the names with `java` stand for).
//!
//! Scripts, blocks and Unicode's binary properties are hundreds, and more in every version of Java: any will do.

/// The classes of characters, in short, and those of POSIX and Java.
const NAMES: &[&str] = &[
    "L",
    "M",
    "N",
    "S",
    "P",
    "Z",
    "C",
    "LC",
    "LD",
    "L1",
    "Lu",
    "Ll",
    "Lt",
    "Lm",
    "Lo",
    "Mn",
    "Me",
    "Mc",
    "Nd",
    "Nl",
    "No",
    "Zs",
    "Zl",
    "Zp",
    "Cn",
    "Cc",
    "Cf",
    "Co",
    "Cs",
    "Pd",
    "Ps",
    "Pe",
    "Pc",
    "Po",
    "Pi",
    "Pf",
    "Sm",
    "Sc",
    "Sk",
    "So",
    "all",
    "ASCII",
    "Alnum",
    "Alpha",
    "Blank",
    "Cntrl",
    "Digit",
    "Graph",
    "Lower",
    "Print",
    "Punct",
    "Space",
    "Upper",
    "XDigit",
    "javaLowerCase",
    "javaUpperCase",
    "javaAlphabetic",
    "javaIdeographic",
    "javaTitleCase",
    "javaDigit",
    "javaDefined",
    "javaLetter",
    "javaLetterOrDigit",
    "javaJavaIdentifierStart",
    "javaJavaIdentifierPart",
    "javaUnicodeIdentifierStart",
    "javaUnicodeIdentifierPart",
    "javaIdentifierIgnorable",
    "javaSpaceChar",
    "javaWhitespace",
    "javaISOControl",
    "javaMirrored",
];

/// Whether there is such a property, as far as that is looked up.
pub(super) fn exists(name: &str) -> bool {
    let is_plausible = |name: &str| {
        !name.is_empty()
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'_' | b'-'))
    };
    if let Some((key, value)) = name.split_once('=') {
        return match key.to_ascii_lowercase().as_str() {
            "sc" | "script" | "blk" | "block" => is_plausible(value),
            "gc" | "general_category" => NAMES.contains(&value),
            _ => false,
        };
    }
    match name.strip_prefix("In").or_else(|| name.strip_prefix("Is")) {
        Some(rest) => is_plausible(rest),
        None => NAMES.contains(&name),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_has_one_of_the_known_names() {
        for name in [
            "L",
            "Lu",
            "Alpha",
            "javaMirrored",
            "IsLatin",
            "InGreek and Coptic",
            "Script=Grek",
            "blk=Latin-1 Supplement",
            "general_category=Nd",
        ] {
            assert!(exists(name), "{name}");
        }
        for name in [
            "",
            "a",
            "Xx",
            "alpha",
            "is",
            "In",
            "gc=",
            "gc=Alphab",
            "x=L",
            "InGreek,",
        ] {
            assert!(!exists(name), "{name}");
        }
    }
}
