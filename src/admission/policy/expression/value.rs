//! A document as the language has it, as far as expressions read it: whole numbers are `int`, others `double`.

use std::collections::HashMap;

use cel::common::types::{CelBool, CelDouble, CelInt, CelList, CelMap, CelMapKey, CelNull, CelString};
use cel::common::value::Val;

use super::reads::Reads;
use crate::xcontent::json::{Member, Node, Token};

/// The value of a document of which so much is read. Documents that policies look at nest a few levels, so this ends.
pub(super) fn value<'d>(node: Node<'d>, reads: &Reads) -> Box<dyn Val + 'd> {
    match node.token() {
        Token::Object => {
            let members = node.members().filter_map(|Member { name, value: inner, .. }| {
                let inner = value(inner, reads.member(&name)?);
                Some((CelMapKey::String(CelString::from(name)), inner))
            });
            Box::new(CelMap::from(members.collect::<HashMap<_, _>>()))
        }
        Token::Array => {
            let elements = node.elements().map_while(|inner| Some(value(inner, reads.element()?)));
            Box::new(CelList::from(elements.collect::<Vec<_>>()))
        }
        Token::String => Box::new(CelString::from(node.as_text().unwrap_or_default())),
        Token::Number => match node.as_number().and_then(|number| number.parse::<i64>().ok()) {
            Some(whole) => Box::new(CelInt::from(whole)),
            None => Box::new(CelDouble::from(node.as_double().unwrap_or(f64::NAN))),
        },
        Token::Boolean => Box::new(CelBool::from(node.as_boolean().unwrap_or_default())),
        Token::Null | Token::Binary | Token::Nothing => Box::new(CelNull),
    }
}
