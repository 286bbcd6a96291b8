//! Who may do what is claimed, and with whose credentials the gateway does it: the caller's own, or those of an account of
//! the gateway's for callers whom the cluster permits to do it.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;

use super::context::RequestContext;
use super::failure::Failure;
use super::permit_cache::PermitCache;
use super::{CommitMode, Proxy};
use crate::cluster::identity::IdentityError;
use crate::cluster::privileges::{self, Privilege};
use crate::cluster::{Cluster, Identity, Product, ReplyError, user};
use crate::es::user::User;
use crate::http::caller::Caller;
use crate::plugin::{CommitError, Permission};
use crate::store::{Store, StoreError};
use crate::telemetry::request_record::RequestRecord;
use crate::tls::Current;

/// With whose credentials documents are read and written.
pub enum Access {
    /// The caller's: what they may do with the index decides.
    Caller,
    /// The gateway's.
    Service(ServiceAccess),
}

/// An account of the gateway's own, and whom it serves.
pub struct ServiceAccess {
    /// The account. It is exchanged when the file with its credentials changes.
    pub account: Current<Caller>,
    /// The cluster, as the account calls it: no connection of a client's call is used for one of the account's.
    pub cluster: Arc<Cluster>,
    /// The roles of callers who are served before OpenSearch, which knows no privilege for it.
    pub roles: Arc<[String]>,
    /// Callers who were found to be permitted.
    pub permits: PermitCache<User>,
}

/// Somebody who calls the cluster.
#[derive(Clone)]
pub(super) struct Acting {
    cluster: Arc<Cluster>,
    caller: Caller,
}

impl Acting {
    /// The documents that they may read and write.
    pub(super) fn store(&self) -> Store<'_> {
        Store {
            cluster: &self.cluster,
            caller: &self.caller,
        }
    }
}

/// What the cluster says of a caller whom the gateway's account would act for.
struct Standing {
    user: User,
    is_permitted: bool,
}

impl Proxy {
    /// Who reads and writes documents for a request.
    pub(super) fn acting(&self, context: &RequestContext) -> Acting {
        match &self.access {
            Access::Caller => Acting {
                cluster: Arc::clone(&self.cluster),
                caller: context.caller.clone(),
            },
            Access::Service(service) => Acting {
                cluster: Arc::clone(&service.cluster),
                caller: service.account.get().on_behalf_of(&context.caller),
            },
        }
    }

    /// The cluster's identity. If this caller may not read it (403), it is the one that an earlier caller was given.
    pub(super) async fn identity(&self, context: &RequestContext) -> Result<Identity, Failure> {
        let acting = self.acting(context);
        let asking = self.shared.identities.identity(&acting.cluster, &acting.caller);
        let identity = context.record.while_the_cluster_works(asking).await;
        identity.or_else(|error| match error {
            error if error.is_forbidden() => {
                let earlier = self.shared.identities.last_seen(Duration::MAX);
                earlier.ok_or_else(|| self.unidentified(error))
            }
            error => Err(self.unidentified(error)),
        })
    }

    /// A refusal of who acts, who is not the client when it is the gateway's account.
    fn unidentified(&self, error: IdentityError) -> Failure {
        match (&self.access, error) {
            (Access::Service(_), IdentityError::Reply(ReplyError::Refused(refused))) => Failure::Account(refused),
            (_, error) => error.into(),
        }
    }

    /// Fails if the cluster does not know the caller.
    pub(super) async fn authenticate(&self, caller: &Caller, record: &RequestRecord) -> Result<(), Failure> {
        let asking = self.shared.identities.ask(&self.cluster, caller);
        match record.while_the_cluster_works(asking).await {
            // Known, but not allowed to see the cluster's page.
            Err(error) if error.is_forbidden() => Ok(()),
            answered => answered.map(|_| ()).map_err(Failure::from),
        }
    }

    /// Who the caller is; nobody where the cluster has no security and everybody acts for themselves.
    pub(super) async fn user(
        &self,
        permission: Permission,
        product: Product,
        caller: &Caller,
    ) -> Result<Option<User>, Failure> {
        match &self.access {
            Access::Caller => user::user(&self.cluster, product, caller)
                .await
                .map_err(Failure::Unknown),
            Access::Service(service) => {
                let standing = self.standing(service, permission, product, caller).await?;
                Ok(Some(standing.user))
            }
        }
    }

    /// Fails if the caller may not do this. As long as callers act for themselves before OpenSearch, which knows no such
    /// privilege, what they may do with the index decides, where it is written to.
    pub(super) async fn authorize(&self, permission: Permission, context: &RequestContext) -> Result<(), Failure> {
        let product = context.product()?;
        match (&self.access, product) {
            (Access::Caller, Product::Elasticsearch) => {
                let asking = privileges::check(&self.cluster, permission.privilege, &context.caller);
                match context
                    .record
                    .while_the_cluster_works(asking)
                    .await
                    .map_err(Failure::Unknown)?
                {
                    Privilege::Held | Privilege::Unguarded => Ok(()),
                    Privilege::Lacking { user } => Err(Failure::NotPermitted { permission, user }),
                }
            }
            (Access::Caller, Product::OpenSearch) if self.shared.commit_mode == CommitMode::Store => Ok(()),
            (Access::Caller, Product::OpenSearch) => self.authenticate(&context.caller, &context.record).await,
            (Access::Service(service), product) => {
                let asking = self.standing(service, permission, product, &context.caller);
                let standing = context.record.while_the_cluster_works(asking).await?;
                if standing.is_permitted {
                    return Ok(());
                }
                let user = standing.user.name;
                Err(match product {
                    Product::Elasticsearch => Failure::NotPermitted { permission, user },
                    Product::OpenSearch => Failure::NoRole { permission, user },
                })
            }
        }
    }

    /// What the cluster says of a caller for whom the account is to act. Where somebody calls for a person, both have to
    /// be known, and it is about the person.
    async fn standing(
        &self,
        service: &ServiceAccess,
        permission: Permission,
        product: Product,
        caller: &Caller,
    ) -> Result<Standing, Failure> {
        let permit = service.permits.of(permission.action, caller);
        if let Some(user) = permit.said() {
            return Ok(Standing {
                user,
                is_permitted: true,
            });
        }
        let person = match product {
            Product::Elasticsearch => caller.person(),
            Product::OpenSearch => None, // It does not know of any.
        };
        if person.is_some() {
            self.known_user(product, caller).await?;
        }
        let asking = person.as_ref().unwrap_or(caller);
        let user = self.known_user(product, asking).await?;
        let is_permitted = match product {
            Product::OpenSearch => user.roles.iter().any(|role| service.roles.contains(role)),
            Product::Elasticsearch => {
                let checked = privileges::check(&self.cluster, permission.privilege, asking).await;
                match checked.map_err(unchecked)? {
                    Privilege::Held => true,
                    Privilege::Lacking { .. } => false,
                    Privilege::Unguarded => return Err(Failure::Unguarded),
                }
            }
        };
        if is_permitted {
            permit.keep(user.clone());
        }
        Ok(Standing { user, is_permitted })
    }

    async fn known_user(&self, product: Product, caller: &Caller) -> Result<User, Failure> {
        let user = user::user(&self.cluster, product, caller).await.map_err(unchecked)?;
        user.ok_or(Failure::Unguarded)
    }

    /// What a failed commit means to the client, who is not the one whom the cluster has refused if the account wrote.
    pub(super) fn uncommitted(&self, error: CommitError) -> Failure {
        match (&self.access, error) {
            (Access::Service(_), CommitError::Store(StoreError::Refused(refused)))
                if is_about_credentials(refused.reply().status) =>
            {
                Failure::Account(refused)
            }
            (_, error) => Failure::Commit(error),
        }
    }
}

/// The cluster's refusal is the caller's where it is about their credentials, or asks them to wait. Anything else means
/// that nobody knows what they may do.
fn unchecked(error: ReplyError) -> Failure {
    match &error {
        ReplyError::Refused(refused)
            if is_about_credentials(refused.reply().status)
                || refused.reply().status == StatusCode::TOO_MANY_REQUESTS =>
        {
            Failure::Unknown(error)
        }
        _ => Failure::Unchecked(error),
    }
}

fn is_about_credentials(status: StatusCode) -> bool {
    matches!(status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN)
}
