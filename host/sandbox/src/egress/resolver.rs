//! Names are resolved once, by the host, and the connection goes to what was judged: a granted name that leads to this
//! machine or into its network is refused, whatever else it leads to.

use std::error::Error;
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

/// The resolver of the system, without the addresses a granted name may not have.
#[derive(Debug)]
pub(super) struct Resolver;

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            // The name of this machine itself can be granted; nobody is asked what it means.
            if name.as_str() == "localhost" {
                let here = [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()];
                return Ok(Box::new(here.map(|ip| SocketAddr::new(ip, 0)).into_iter()) as Addrs);
            }
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            match found.iter().find(|address| is_special(address.ip())) {
                None => Ok(Box::new(found.into_iter()) as Addrs),
                Some(address) => {
                    let (name, ip) = (name.as_str(), address.ip());
                    let why = format!("{name} leads to {ip}, which is no address of the public internet");
                    Err(Box::new(io::Error::other(why)) as Box<dyn Error + Send + Sync>)
                }
            }
        })
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
        // "This network", shared address space, protocol assignments, benchmarks, and reserved with broadcast.
        || a == 0
        || (a == 100 && b & 0xc0 == 64)
        || (a, b, c) == (192, 0, 0)
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
        // Teredo and documentation.
        (0x2001, 0 | 0xdb8, ..) => true,
        // Everything public is in 2000::/3; the rest is local, multicast or reserved.
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
        ] {
            assert!(!is_special(ip.parse().unwrap()), "{ip}");
        }
    }

    #[tokio::test]
    async fn localhost_is_this_machine_and_nobody_is_asked() {
        let found = Resolver.resolve(Name::from_str("localhost").unwrap()).await.unwrap();
        let found: Vec<IpAddr> = found.map(|address| address.ip()).collect();
        assert_eq!(found, [IpAddr::from(Ipv4Addr::LOCALHOST), Ipv6Addr::LOCALHOST.into()]);
    }

    #[tokio::test]
    async fn c24_a_name_that_leads_to_this_machine_is_refused() {
        // A literal address is resolved to itself, without a server for names.
        let refused = Resolver.resolve(Name::from_str("127.0.0.1").unwrap()).await;
        let error = refused.map(drop).unwrap_err().to_string();
        assert_eq!(error, "127.0.0.1 leads to 127.0.0.1, which is no address of the public internet");
    }
}
