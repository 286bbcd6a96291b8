//! The environment variables of the gateway: which there are, and which only look like it.

use std::ffi::{OsStr, OsString};

use super::key::{ENVIRONMENT_PREFIX, KeyReference, environment_variable};
use super::problem::Problem;
use super::reader::Given;
use super::source::{Origin, Place};
use super::suggestion::suggestion;

/// The variable that names the configuration file.
const CONFIG: &str = "config";

/// What the environment says of the configuration.
#[derive(Debug, Default)]
pub(super) struct Environment {
    /// Values of keys.
    pub(super) given: Vec<Given>,
    /// The value of `ANOMALY_GATEWAY_CONFIG`.
    pub(super) config: Option<Place>,
    /// Variables that are unknown, empty or unreadable.
    pub(super) problems: Vec<Problem>,
}

impl Environment {
    /// Sorts the variables that start like the gateway's own.
    pub(super) fn read(variables: impl IntoIterator<Item = (OsString, OsString)>, known: &[KeyReference]) -> Self {
        let mut environment = Self::default();
        for (variable, value) in variables {
            let variable = variable.to_string_lossy();
            if variable.starts_with(ENVIRONMENT_PREFIX) {
                environment.take(&variable, &value, known);
            }
        }
        environment
    }

    fn take(&mut self, variable: &str, value: &OsStr, known: &[KeyReference]) {
        let key = known.iter().find(|key| key.environment_variable() == variable);
        if key.is_none() && variable != environment_variable(CONFIG) {
            if !is_service_link(variable, value) {
                self.problems.push(unknown(variable, known));
            }
            return;
        }
        let place = Place::after(Origin::Environment, &format!("{variable}="), &value.to_string_lossy());
        if value.to_str().is_none() {
            self.problems
                .push(Problem::new(&place, format!("the value of {variable} is not UTF-8")));
        } else if value.is_empty() {
            let help = "unset it for its default";
            self.problems
                .push(Problem::new(&place, format!("{variable} is set, but empty")).help(Some(help)));
        } else if let Some(key) = key {
            self.given.push(Given {
                path: key.path,
                places: vec![place],
            });
        } else {
            self.config = Some(place);
        }
    }
}

/// A variable that means nothing. Its value is not shown: nobody knows what it is.
fn unknown(variable: &str, known: &[KeyReference]) -> Problem {
    let place = Place::after(Origin::Environment, "", variable);
    let typed = variable.trim_start_matches(ENVIRONMENT_PREFIX);
    // Somebody may have spelled the key's place in the file, where its name is shorter.
    let spellings = known.iter().flat_map(|key| [key.called(), key.path]).chain([CONFIG]);
    let help = match suggestion(typed, spellings) {
        Some(spelling) => {
            let meant = known.iter().find(|key| [key.called(), key.path].contains(&spelling));
            format!(
                "did you mean {}?",
                environment_variable(meant.map_or(CONFIG, KeyReference::called))
            )
        }
        None => "`anomaly-gateway schema keys` prints every key with its variable".to_owned(),
    };
    Problem::new(&place, format!("unknown environment variable {variable}")).help(Some(help))
}

/// Whether a container platform set the variable for a service that is called `anomaly-gateway` or starts like it.
///
/// Kubernetes gives every container `<SERVICE>_SERVICE_HOST`, `<SERVICE>_SERVICE_PORT[_<NAME>]`, `<SERVICE>_PORT` and
/// `<SERVICE>_PORT_<NUMBER>_<PROTOCOL>[_ADDR|_PORT|_PROTO]`. To refuse them would be to refuse to start there.
fn is_service_link(variable: &str, value: &OsStr) -> bool {
    let value = value.to_string_lossy();
    let is_url = ["tcp://", "udp://", "sctp://"]
        .iter()
        .any(|scheme| value.starts_with(scheme));
    let names_a_port = variable.split("_PORT_").skip(1).any(|rest| {
        let mut words = rest.split('_');
        let number = words.next().is_some_and(|word| word.parse::<u16>().is_ok());
        number && matches!(words.next(), Some("TCP" | "UDP" | "SCTP"))
    });
    variable.ends_with("_SERVICE_HOST")
        || variable.ends_with("_SERVICE_PORT")
        || variable.contains("_SERVICE_PORT_")
        || names_a_port
        || (variable.ends_with("_PORT") && is_url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn links(variable: &str, value: &str) -> bool {
        is_service_link(variable, OsStr::new(value))
    }

    #[test]
    fn tolerates_what_kubernetes_sets_for_a_service_of_the_gateways_name() {
        for (variable, value) in [
            ("ANOMALY_GATEWAY_SERVICE_HOST", "10.0.0.7"),
            ("ANOMALY_GATEWAY_SERVICE_PORT", "9280"),
            ("ANOMALY_GATEWAY_SERVICE_PORT_HTTP", "9280"),
            ("ANOMALY_GATEWAY_PORT", "tcp://10.0.0.7:9280"),
            ("ANOMALY_GATEWAY_PORT_9280_TCP", "tcp://10.0.0.7:9280"),
            ("ANOMALY_GATEWAY_PORT_9280_TCP_PROTO", "tcp"),
            ("ANOMALY_GATEWAY_ADMIN_PORT_9281_TCP_ADDR", "10.0.0.8"),
            ("ANOMALY_GATEWAY_ADMIN_SERVICE_HOST", "10.0.0.8"),
        ] {
            assert!(links(variable, value), "{variable}");
        }
    }

    #[test]
    fn tolerates_nothing_else() {
        for (variable, value) in [
            ("ANOMALY_GATEWAY_PORT", "9280"),
            ("ANOMALY_GATEWAY_LISTEN_PORT", "9280"),
            ("ANOMALY_GATEWAY_PORT_HTTP", "tcp://10.0.0.7:9280"),
            ("ANOMALY_GATEWAY_LISEN", "127.0.0.1:9280"),
        ] {
            assert!(!links(variable, value), "{variable}");
        }
    }
}
