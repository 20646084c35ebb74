//! Names are resolved once, by the host, and the connection goes to what was judged: a granted name that leads to this
//! machine or into its network is refused, whatever else it leads to.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// Resolves names to addresses that a granted name may have.
#[derive(Debug, Default)]
pub(super) struct Resolver<N = System> {
    /// The name of the proxy, which the operator chose: it may lead into the private network. What is spoken to directly is
    /// this machine alone then, so no grant for that name comes here.
    pub(super) proxy: Option<String>,
    pub(super) names: Arc<N>,
}

/// Who knows where names lead. Tests have one of their own.
pub(super) trait Names: Send + Sync + 'static {
    /// Looks a name up.
    fn lookup(&self, name: &str) -> impl Future<Output = io::Result<Vec<SocketAddr>>> + Send;

    /// Returns whether an address is of this machine, of its network, or of none.
    fn is_special(&self, ip: IpAddr) -> bool {
        is_special(ip)
    }
}

/// The resolver of the system.
#[derive(Debug, Default)]
pub(super) struct System;

impl Names for System {
    async fn lookup(&self, name: &str) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.collect())
    }
}

/// A name that leads where names may not.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{name} leads to {ip}, which is no address of the public internet and has to be granted as that number"
)]
pub(crate) struct NotPublic {
    pub(super) name: String,
    pub(super) ip: IpAddr,
}

impl<N: Names> Resolve for Resolver<N> {
    fn resolve(&self, name: Name) -> Resolving {
        let is_proxy = self.proxy.as_deref() == Some(name.as_str());
        let names = Arc::clone(&self.names);
        Box::pin(async move {
            // The name of this machine itself can be granted; nobody is asked what it means.
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

/// Returns the addresses of a name if all of them are public: which one is dialled is not ours to say.
fn judged(names: &impl Names, name: &str, found: Vec<SocketAddr>) -> Result<Vec<SocketAddr>, NotPublic> {
    match found.iter().find(|address| names.is_special(address.ip())) {
        None => Ok(found),
        Some(address) => Err(NotPublic { name: name.to_owned(), ip: address.ip() }),
    }
}

/// Returns whether an address is of this machine, of its network, or of none.
fn is_special(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => is_special_v4(ip),
        IpAddr::V6(ip) => is_special_v6(ip),
    }
}

fn is_special_v4(ip: Ipv4Addr) -> bool {
    let [a, b, c, _] = ip.octets();
    ip.is_loopback()
        || ip.is_private()
        || ip.is_link_local()
        || ip.is_multicast()
        || ip.is_documentation()
        // "This network", shared address space, protocol assignments, relays of 6to4, benchmarks, and reserved with broadcast.
        || a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a, b, c) == (192, 0, 0)
        || (a, b, c) == (192, 88, 99)
        || (a == 198 && b & 0xfe == 18)
        || a >= 240
}

fn is_special_v6(ip: Ipv6Addr) -> bool {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        is_special_v4(Ipv4Addr::new(a, b, c, d))
    };
    match (a, b, c, d, e, f) {
        // An IPv4 address in another form: mapped, compatible (with :: and ::1), NAT64, 6to4.
        (0, 0, 0, 0, 0, 0 | 0xffff) | (0x64, 0xff9b, 0, 0, 0, 0) => v4(g, h),
        (0x2002, ..) => v4(b, c),
        // Protocol assignments (Teredo, benchmarks, ORCHID) and documentation.
        (0x2001, ..=0x1ff | 0xdb8, ..) | (0x3fff, ..=0xfff, ..) => true,
        // Everything public is in 2000::/3; the rest is local (NAT64 of an own prefix with it), multicast or reserved.
        _ => a & 0xe000 != 0x2000,
    }
}

#[cfg(test)]
mod tests {
    use std::str::FromStr;

    use super::*;

    #[test]
    fn c22_c23_addresses_that_are_not_public_are_special_in_every_spelling() {
        for ip in [
            "127.0.0.1",
            "0.0.0.0",
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1",
            "192.0.0.8",
            "192.0.2.1",
            "198.18.0.1",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::1",
            "2002:7f00:1::",
            "2002:a00:1::1",
            "fe80::1",
            "fc00::1",
            "fd00:ec2::254",
            "ff02::1",
            "2001:db8::1",
            "2001::1",
            "2001:0:53aa:64c:0:7f00:1:1",
            "2001:2::1",
            "2001:10::1",
            "2001:20::1",
            "3fff::1",
            "5f00::1",
            "100::1",
            "192.88.99.1",
            "2002:c058:6301::1",
            "::ffff:0:7f00:1",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "2002:a9fe:a9fe::1",
            "2002:6440:1::1",
            "fec0::1",
        ] {
            assert!(is_special(ip.parse().unwrap()), "{ip}");
        }
    }

    #[test]
    fn public_addresses_are_not_special() {
        for ip in [
            "1.1.1.1",
            "172.32.0.1",
            "100.128.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "2606:4700::1111",
            "::ffff:1.1.1.1",
            "64:ff9b::101:101",
            "2002:101:101::1",
            "2001:4860::8888",
            "2001:200::1",
            "3ffe::1",
        ] {
            assert!(!is_special(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn localhost_is_this_machine_and_nobody_is_asked() {
        let found =
            Resolver::<System>::default().resolve(Name::from_str("localhost").unwrap()).await.unwrap();
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        assert_eq!(found, [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()]);
    }

    #[tokio::test]
    async fn c24_a_name_that_leads_to_this_machine_is_refused() {
        // A literal address is resolved to itself, without a server for names.
        let refused = Resolver::<System>::default().resolve(Name::from_str("127.0.0.1").unwrap()).await;
        let error = refused.map(drop).unwrap_err();
        let ip = IpAddr::from(Ipv4Addr::LOCALHOST);
        assert_eq!(error.downcast_ref(), Some(&NotPublic { name: "127.0.0.1".to_owned(), ip }));
    }

    #[tokio::test]
    async fn the_name_of_the_proxy_may_lead_into_the_private_network_and_no_other() {
        let resolver = Resolver { proxy: Some("127.0.0.1".to_owned()), names: Arc::new(System) };
        let found = resolver.resolve(Name::from_str("127.0.0.1").unwrap()).await.unwrap();
        assert_eq!(
            found.map(|address| address.ip()).collect::<Vec<_>>(),
            [IpAddr::from(Ipv4Addr::LOCALHOST)]
        );
        assert!(resolver.resolve(Name::from_str("127.0.0.2").unwrap()).await.is_err());
    }

    #[test]
    fn c26_a_name_with_one_address_that_is_not_public_is_refused_whatever_else_it_has() {
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
