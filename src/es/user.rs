//! A user, as the security of Elasticsearch and of OpenSearch knows one (http.md §5.2, §5.3).

/// A caller as the cluster knows them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct User {
    /// The name.
    pub name: String,
    /// The roles that the cluster has given.
    pub roles: Vec<String>,
    /// The roles of the user's directory, from which OpenSearch derives its own. Elasticsearch tells of none.
    pub backend_roles: Vec<String>,
}

impl User {
    /// The name and the roles.
    pub fn names(&self) -> impl Iterator<Item = &String> + Clone {
        std::iter::once(&self.name)
            .chain(&self.roles)
            .chain(&self.backend_roles)
    }
}
