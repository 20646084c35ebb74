//! Resolves names once, in the host. The connection goes to the address that was checked. A request to a
//! granted name is denied if any of its addresses is not public.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use codewalk_policy::{NotPublic, is_special};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names to public addresses.
#[derive(Debug, Default)]
pub(super) struct Resolver<N = System> {
    /// The name of the proxy. The operator chose it, so it may lead into the private network. With a proxy,
    /// only this machine is contacted directly, so no other name is resolved here.
    pub(super) proxy: Option<String>,
    pub(super) names: Arc<N>,
}

/// Looks up names. Tests replace it.
pub(super) trait Names: Send + Sync + 'static {
    /// Looks up a name.
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Returns whether an address is not public.
    fn is_special(&self, ip: IpAddr) -> bool {
        is_special(ip)
    }
}

/// The system's resolver.
#[derive(Debug, Default)]
pub(super) struct System;

impl Names for System {
    async fn lookup(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

impl<N: Names> Resolve for Resolver<N> {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = self.proxy.as_deref() == Some(name.as_str());
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            // The name of this machine can be granted. It needs no lookup.
            if name.as_str() == "localhost" {
                let here = [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()];
                return Ok(Box::new(here.map(|ip| SocketAddr::new(ip, 0)).into_iter()) as Addrs);
            }
            let found = names.lookup(name.as_str()).await?;
            let found = if is_proxy { found } else { judged(&*names, name.as_str(), found)? };
            Ok(Box::new(found.into_iter()) as Addrs)
        })
    }
}

/// Returns the addresses of a name if all of them are public, since any of them may be used.
fn judged(names: &impl Names, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    match found.iter().find(|address| names.is_special(address.ip())) {
        None => Ok(found),
        Some(address) => Err(NotPublic { name: name.to_owned(), ip: address.ip() }),
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[tokio::test]
    async fn localhost_is_this_machine_without_a_lookup() {
        let found =
            Resolver::<System>::default().resolve(Name::from_str("localhost").unwrap()).await.unwrap();
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        assert_eq!(found, [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()]);
    }

    /// Case 24.
    #[tokio::test]
    async fn a_name_that_resolves_to_this_machine_is_denied() {
        // A literal address resolves to itself, without a name server.
        let refused = Resolver::<System>::default().resolve(Name::from_str("127.0.0.1").unwrap()).await;
        let error = refused.map(drop).unwrap_err();
        let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
        assert_eq!(error.downcast_ref(), Some(&NotPublic { name: "127.0.0.1".to_owned(), ip }));
    }

    #[tokio::test]
    async fn only_the_name_of_the_proxy_may_lead_into_the_private_network() {
        let resolver = Resolver { proxy: Some("127.0.0.1".to_owned()), names: Arc::new(System) };
        let found = resolver.resolve(Name::from_str("127.0.0.1").unwrap()).await.unwrap();
        assert_eq!(
            found.map(|address| address.ip()).collect::<Vec<_>>(),
            [IpAddr::from(Ipv4Addr::LOCALHOST)]
        );
        assert!(resolver.resolve(Name::from_str("127.0.0.2").unwrap()).await.is_err());
    }

    /// Case 26.
    #[test]
    fn a_name_with_one_address_that_is_not_public_is_refused() {
        let address = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 443);
        let public = vec![address("1.1.1.1"), address("2606:4700::1111")];
        assert_eq!(judged(&System, "a.example", public.clone()), Ok(public.clone()));
        for special in ["10.0.0.1", "::1", "::ffff:192.168.0.1"] {
            for at in 0..=public.len() {
                let mut mixed = public.clone();
                mixed.insert(at, address(special));
                assert_eq!(judged(&System, "a.example", mixed).unwrap_err().ip, address(special).ip());
            }
        }
    }
}
