//! Changes to a job's tree that make it invalid, or valid in an unusual way.

use super::{Generator, json::Json};

use anomaly_gateway::xcontent::format::Format;

/// Fields of one object may be meant for another; some are known in no version.
const UNKNOWN: [&str; 16] = [
    "x",
    "detector",
    "bucketspan",
    "analysis",
    "function",
    "enabled",
    "job_ids",
    "type",
    "time_fields",
    "",
    "é",
    "日本",
    "terms",
    "scope",
    "frequency",
    "model_memory",
];

impl Generator {
    /// Changes one thing.
    pub(super) fn mutate(&mut self, job: &mut Json) {
        match self.below(15) {
            0 | 1 => self.add_unknown_field(job),
            2 | 3 => self.misspell_name(job),
            4 | 5 => self.change_type(job),
            6 => self.put_null(job),
            7 => self.repeat_member(job),
            8 => self.reorder(job),
            9 => self.unwrap_list(job),
            10 => self.empty_a_value(job),
            11 => self.remove_member(job),
            12 => self.add_odd_element(job),
            13 => self.put_number(job),
            _ => self.put_limit(job),
        }
    }

    /// One of the values that are meant.
    fn any<'a>(&mut self, job: &'a mut Json, is_meant: fn(&Json) -> bool) -> Option<&'a mut Json> {
        let count = job.count(is_meant);
        let number = self.below(count);
        job.find(number, is_meant)
    }

    /// The members of one of the objects that have some.
    fn any_members<'a>(&mut self, job: &'a mut Json) -> Option<&'a mut Vec<(String, Json)>> {
        match self.any(
            job,
            |value| matches!(value, Json::Object(members) if !members.is_empty()),
        ) {
            Some(Json::Object(members)) => Some(members),
            _ => None,
        }
    }

    fn any_member<'a>(&mut self, job: &'a mut Json) -> Option<&'a mut (String, Json)> {
        let members = self.any_members(job)?;
        let place = self.below(members.len());
        members.get_mut(place)
    }

    fn add_unknown_field(&mut self, job: &mut Json) {
        self.kind("unknown field");
        let value = self.anything(1);
        let name = self.text_of(&UNKNOWN).to_owned();
        if let Some(members) = self.any_members(job) {
            let place = self.below(members.len() + 1);
            members.insert(place, (name, value));
        }
    }

    fn misspell_name(&mut self, job: &mut Json) {
        self.kind("near-miss name");
        let way = self.below(6);
        let number = self.below(64);
        let Some((name, _)) = self.any_member(job) else { return };
        let mut letters: Vec<char> = name.chars().collect();
        let place = number % letters.len().max(1);
        match way {
            0 if !letters.is_empty() => drop(letters.remove(place)),
            1 => letters.insert(place, 'x'),
            2 if letters.len() > 1 => letters.swap(place, (place + 1) % name.chars().count()),
            3 => letters.push('s'),
            4 => letters = name.to_uppercase().chars().collect(),
            _ => letters.retain(|letter| *letter != '_'),
        }
        *name = letters.into_iter().collect();
    }

    fn change_type(&mut self, job: &mut Json) {
        self.kind("wrong type");
        let value = match self.below(7) {
            0 => Json::token("true"),
            1 => Json::token("12"),
            2 => Json::token("1.5"),
            3 => Json::text("text"),
            4 => Json::object([("a", Json::token("1"))]),
            5 => Json::List(vec![Json::token("1")]),
            _ => Json::List(vec![Json::List(vec![Json::text("a")])]),
        };
        if let Some((_, member)) = self.any_member(job) {
            *member = value;
        }
    }

    fn put_null(&mut self, job: &mut Json) {
        self.kind("null");
        if let Some((_, member)) = self.any_member(job) {
            *member = Json::null();
        }
    }

    fn repeat_member(&mut self, job: &mut Json) {
        self.kind("duplicate key");
        let another = self.anything(1);
        let is_the_same = self.chance(50);
        if let Some(members) = self.any_members(job) {
            let (from, to) = (self.below(members.len()), self.below(members.len() + 1));
            if let Some((name, value)) = members.get(from).cloned() {
                members.insert(to, (name, if is_the_same { value } else { another }));
            }
        }
    }

    fn reorder(&mut self, job: &mut Json) {
        self.kind("field order");
        for _ in 0..3 {
            let mut members = match self.any_members(job) {
                Some(members) => std::mem::take(members),
                None => return,
            };
            self.random.shuffle(&mut members);
            let emptied = |value: &Json| matches!(value, Json::Object(members) if members.is_empty());
            // The emptied object is the first that is empty, unless there was one before: then that one is filled.
            if let Some(Json::Object(place)) = job.find(0, emptied) {
                *place = members;
            }
        }
    }

    /// A lone element instead of its list, or a list in a list.
    fn unwrap_list(&mut self, job: &mut Json) {
        self.kind("lone element");
        let nests = self.chance(15);
        let Some(value) = self.any(job, |value| matches!(value, Json::List(items) if !items.is_empty())) else {
            return;
        };
        if nests {
            *value = Json::List(vec![value.clone()]);
        } else if let Json::List(items) = value
            && let Some(first) = items.first().cloned()
        {
            *value = first;
        }
    }

    fn empty_a_value(&mut self, job: &mut Json) {
        self.kind("empty value");
        if let Some((_, member)) = self.any_member(job) {
            *member = match member {
                Json::List(_) => Json::List(Vec::new()),
                Json::Object(_) => Json::Object(Vec::new()),
                Json::Text(_) | Json::Token(_) => Json::text(""),
            };
        }
    }

    fn remove_member(&mut self, job: &mut Json) {
        self.kind("missing field");
        if let Some(members) = self.any_members(job) {
            let place = self.below(members.len());
            members.remove(place);
        }
    }

    fn add_odd_element(&mut self, job: &mut Json) {
        self.kind("odd element");
        let element = match self.below(6) {
            0 => Json::null(),
            1 => Json::token("5"),
            2 => Json::token("1000.0"),
            3 => Json::token("true"),
            4 => Json::Object(Vec::new()),
            _ => Json::List(vec![Json::text("a")]),
        };
        let place = self.below(3);
        if let Some(Json::List(items)) = self.any(job, |value| matches!(value, Json::List(_))) {
            items.insert(place.min(items.len()), element);
        }
    }

    fn put_number(&mut self, job: &mut Json) {
        let number = self.odd_number();
        if let Some(token) = self.any(job, |value| matches!(value, Json::Token(_))) {
            *token = number;
        } else if let Some((_, member)) = self.any_member(job) {
            *member = number;
        }
    }

    /// Nesting and numbers about as deep and long as Elasticsearch takes from 8.10 on, nesting in YAML from 8.16 on. Before that
    /// nothing but the stack limits them.
    fn put_limit(&mut self, job: &mut Json) {
        self.kind("size limits");
        let has_limits = self.is_since(8, 10);
        let value = if self.chance(50) {
            let limits_nesting = has_limits && (self.format != Format::Yaml || self.is_since(8, 16));
            let depth = if limits_nesting {
                994 + self.below(10)
            } else {
                50 + self.below(300)
            };
            Json::token("[".repeat(depth) + &"]".repeat(depth))
        } else {
            let length = if has_limits {
                996 + self.below(10)
            } else {
                20 + self.below(400)
            };
            let point = self.chance(30);
            Json::token("7".repeat(length) + if point { ".5" } else { "" })
        };
        let Json::Object(members) = job else { return };
        members.retain(|(name, _)| name != "custom_settings");
        let place = self.below(members.len() + 1);
        members.insert(place, ("custom_settings".to_owned(), Json::object([("a", value)])));
    }
}
