//! Address ranges that are closed unless granted. Judged by address and never by name: a name can be made to point
//! anywhere, at any time.
//!
//! The lists follow the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890 and its updates), and add the
//! cloud metadata services that lie elsewhere. NB: a network that translates IPv4 under a prefix of its own (RFC 6052,
//! section 2.2) can't be told from any other; there the network itself must keep connectors from private IPv4.
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The closed range that holds `address`, in plain words; `None` where everybody may dial. An IPv4 address mapped into
/// IPv6 (`::ffff:127.0.0.1`) is judged as the IPv4 address that it is.
pub fn closed_range(address: IpAddr) -> Option<&'static str> {
    match address.to_canonical() {
        IpAddr::V4(v4) => CLOSED_V4.iter().find(|(net, _)| net.contains(&v4)).map(|(_, range)| *range),
        IpAddr::V6(v6) => match CLOSED_V6.iter().find(|(net, _)| net.contains(&v6)) {
            Some((_, range)) => Some(range),
            None if GLOBAL_UNICAST.contains(&v6) => None,
            None => Some("reserved"),
        },
    }
}

/// Whether `address` is open or covered by one of the operator's exceptions.
///
/// An exception speaks of one family: `10.0.0.0/8` covers `::ffff:10.1.2.3`, which is the same address, but neither
/// `::/0` nor `::ffff:0:0/96` covers any IPv4 address. Where an IPv6 address leads to an IPv4 one (NAT64, 6to4,
/// IPv4-compatible), both must be allowed: a grant of `64:ff9b::/96` opens no way to `10.0.0.1`.
///
/// # Errors
/// The closed range, as [`closed_range`] names it.
pub fn may_dial(address: IpAddr, private: &[IpNet]) -> Result<(), &'static str> {
    let address = address.to_canonical();
    if let Some(range) = closed_range(address)
        && !private.iter().any(|net| net.contains(&address))
    {
        return Err(range);
    }
    match leads_to(address) {
        Some(inner) => may_dial(inner.into(), private),
        None => Ok(()),
    }
}

/// The IPv4 address at which packets for this IPv6 address come out.
fn leads_to(address: IpAddr) -> Option<Ipv4Addr> {
    let IpAddr::V6(v6) = address else { return None };
    let bits = v6.to_bits();
    if NAT64.contains(&v6) || COMPATIBLE.contains(&v6) && bits > Ipv6Addr::LOCALHOST.to_bits() {
        Some(Ipv4Addr::from_bits(bits as u32))
    } else if SIX_TO_FOUR.contains(&v6) {
        Some(Ipv4Addr::from_bits((bits >> 80) as u32))
    } else {
        None
    }
}

const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0, 0, 0, 0, 0, 0], 96);
const COMPATIBLE: Ipv6Net = v6([0; 8], 96);
const SIX_TO_FOUR: Ipv6Net = v6([0x2002, 0, 0, 0, 0, 0, 0, 0], 16);
/// All that was ever given out for the public internet.
const GLOBAL_UNICAST: Ipv6Net = v6([0x2000, 0, 0, 0, 0, 0, 0, 0], 3);

/// NB: the first that holds an address names it.
const CLOSED_V4: [(Ipv4Net, &str); 25] = [
    (v4([169, 254, 169, 254], 32), METADATA), // nearly everybody
    (v4([169, 254, 170, 2], 32), METADATA),   // AWS ECS, task credentials
    (v4([169, 254, 170, 23], 32), METADATA),  // AWS EKS, pod credentials
    (v4([100, 100, 100, 200], 32), METADATA), // Alibaba
    (v4([192, 0, 0, 192], 32), METADATA),     // Oracle
    (v4([168, 63, 129, 16], 32), METADATA),   // Azure's host agent, at a public address
    (v4([0, 0, 0, 0], 32), "unspecified"),
    (v4([0, 0, 0, 0], 8), "this network"),
    (v4([10, 0, 0, 0], 8), "private"),
    (v4([100, 64, 0, 0], 10), "carrier-grade NAT"),
    (v4([127, 0, 0, 0], 8), "loopback"),
    (v4([169, 254, 0, 0], 16), "link-local"),
    (v4([172, 16, 0, 0], 12), "private"),
    (v4([192, 0, 0, 0], 24), "protocol assignments"),
    (v4([192, 0, 2, 0], 24), "documentation"),
    (v4([192, 88, 99, 0], 24), "6to4 relay"),
    (v4([192, 168, 0, 0], 16), "private"),
    (v4([198, 18, 0, 0], 15), "benchmarking"),
    (v4([198, 51, 100, 0], 24), "documentation"),
    (v4([203, 0, 113, 0], 24), "documentation"),
    (v4([224, 0, 0, 0], 4), "multicast"),
    (v4([255, 255, 255, 255], 32), "broadcast"),
    (v4([240, 0, 0, 0], 4), "reserved"),
    // AS112 answers for names in private ranges; a resolver asks there, a connector has no business.
    (v4([192, 31, 196, 0], 24), "AS112"),
    (v4([192, 175, 48, 0], 24), "AS112"),
];

/// NB: the first that holds an address names it. What is in none and not [`GLOBAL_UNICAST`] is closed too.
const CLOSED_V6: [(Ipv6Net, &str); 18] = [
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254], 128), METADATA), // AWS
    (v6([0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x23], 128), METADATA),  // AWS EKS, pod credentials
    (v6([0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254], 128), METADATA),  // Google
    (v6([0, 0, 0, 0, 0, 0, 0, 0], 128), "unspecified"),
    (v6([0, 0, 0, 0, 0, 0, 0, 1], 128), "loopback"),
    (COMPATIBLE, "IPv4-compatible"),
    (NAT64, "NAT64"),
    (v6([0x64, 0xff9b, 1, 0, 0, 0, 0, 0], 48), "NAT64"),
    (v6([0x100, 0, 0, 0, 0, 0, 0, 0], 64), "discard"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 32), "Teredo"),
    (v6([0x2001, 0, 0, 0, 0, 0, 0, 0], 23), "protocol assignments"),
    (v6([0x2001, 0xdb8, 0, 0, 0, 0, 0, 0], 32), "documentation"),
    (SIX_TO_FOUR, "6to4"),
    (v6([0x3fff, 0, 0, 0, 0, 0, 0, 0], 20), "documentation"),
    (v6([0xfc00, 0, 0, 0, 0, 0, 0, 0], 7), "private"),
    (v6([0xfe80, 0, 0, 0, 0, 0, 0, 0], 10), "link-local"),
    (v6([0xfec0, 0, 0, 0, 0, 0, 0, 0], 10), "site-local"),
    (v6([0xff00, 0, 0, 0, 0, 0, 0, 0], 8), "multicast"),
];

/// Answers with credentials of the machine to whoever asks.
const METADATA: &str = "cloud metadata";

const fn v4([a, b, c, d]: [u8; 4], prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6([a, b, c, d, e, f, g, h]: [u16; 8], prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, d, e, f, g, h), prefix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn nets(texts: &[&str]) -> Vec<IpNet> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    /// First and last of each range, then the neighbours outside.
    #[test]
    fn every_closed_range_is_named_from_its_first_address_to_its_last() {
        for (range, ends) in [
            ("unspecified", &["0.0.0.0", "::"] as &[&str]),
            ("this network", &["0.0.0.1", "0.255.255.255"]),
            ("private", &["10.0.0.0", "10.255.255.255", "172.16.0.0", "172.31.255.255"]),
            ("private", &["192.168.0.0", "192.168.255.255"]),
            ("private", &["fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"]),
            ("carrier-grade NAT", &["100.64.0.0", "100.127.255.255"]),
            ("loopback", &["127.0.0.0", "127.0.0.1", "127.255.255.255", "::1"]),
            ("link-local", &["169.254.0.0", "169.254.255.255", "fe80::", "febf::ffff"]),
            ("cloud metadata", &["169.254.169.254", "169.254.170.2", "169.254.170.23", "fd00:ec2::254"]),
            ("cloud metadata", &["fd00:ec2::23", "fd20:ce::254", "100.100.100.200", "192.0.0.192"]),
            ("cloud metadata", &["168.63.129.16"]),
            ("protocol assignments", &["192.0.0.0", "192.0.0.255"]),
            ("protocol assignments", &["2001:1::", "2001:2::1", "2001:20::1", "2001:1ff:ffff::"]),
            ("documentation", &["192.0.2.0", "192.0.2.255", "198.51.100.0", "198.51.100.255"]),
            ("documentation", &["203.0.113.0", "203.0.113.255", "2001:db8::", "2001:db8:ffff::"]),
            ("documentation", &["3fff::", "3fff:fff:ffff::"]),
            ("6to4 relay", &["192.88.99.0", "192.88.99.255"]),
            ("AS112", &["192.31.196.0", "192.31.196.255", "192.175.48.0", "192.175.48.255"]),
            ("benchmarking", &["198.18.0.0", "198.19.255.255"]),
            ("multicast", &["224.0.0.0", "239.255.255.255", "ff00::", "ff02::1", "ffff::"]),
            ("reserved", &["240.0.0.0", "255.255.255.254"]),
            ("reserved", &["::1:0:0:0", "::ffff:0:127.0.0.1", "64:ff9b::1:0:0", "100:0:0:1::", "1fff::"]),
            ("reserved", &["4000::", "5f00::", "fbff::", "fe00::", "fe7f::"]),
            ("broadcast", &["255.255.255.255"]),
            ("IPv4-compatible", &["::2", "::127.0.0.1", "::8.8.8.8"]),
            ("NAT64", &["64:ff9b::", "64:ff9b::8.8.8.8", "64:ff9b::127.0.0.1"]),
            ("NAT64", &["64:ff9b:1::", "64:ff9b:1:ffff::a00:1"]),
            ("discard", &["100::", "100::ffff:ffff:ffff:ffff"]),
            ("Teredo", &["2001::", "2001:0:ffff::"]),
            ("6to4", &["2002::", "2002:7f00:1::", "2002:ffff::"]),
            ("site-local", &["fec0::", "feff::"]),
            ("loopback", &["::ffff:127.0.0.1", "::ffff:7f00:1"]),
            ("cloud metadata", &["::ffff:169.254.169.254"]),
        ] {
            for end in ends {
                assert_eq!(closed_range(address(end)), Some(range), "{end}");
                assert_eq!(may_dial(address(end), &[]), Err(range), "{end}");
            }
        }
    }

    #[test]
    fn the_neighbours_of_closed_ranges_are_open() {
        for open in [
            "1.0.0.0",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "168.63.129.15",
            "168.63.129.17",
            "169.253.255.255",
            "169.255.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "191.255.255.255",
            "192.0.1.0",
            "192.0.3.0",
            "192.88.98.255",
            "192.88.100.0",
            "192.167.255.255",
            "192.169.0.0",
            "198.17.255.255",
            "198.20.0.0",
            "198.51.99.255",
            "198.51.101.0",
            "203.0.112.255",
            "203.0.114.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "2000::",
            "2001:200::",
            "2001:db7:ffff::",
            "2001:db9::",
            "2001:4860:4860::8888",
            "2003::",
            "3ffe:ffff::",
            "3fff:1000::",
        ] {
            assert_eq!(closed_range(address(open)), None, "{open}");
            assert_eq!(may_dial(address(open), &[]), Ok(()), "{open}");
        }
    }

    #[test]
    fn an_exception_opens_what_it_covers_and_nothing_else() {
        let granted = nets(&["10.0.0.0/8", "127.0.0.1/32", "fd00:1::/64"]);
        for open in ["10.1.2.3", "::ffff:10.1.2.3", "127.0.0.1", "::ffff:127.0.0.1", "fd00:1::5"] {
            assert_eq!(may_dial(address(open), &granted), Ok(()), "{open}");
        }
        for (closed, range) in [
            ("127.0.0.2", "loopback"),
            ("::1", "loopback"),
            ("192.168.0.1", "private"),
            ("fd00:2::5", "private"),
            ("::10.1.2.3", "IPv4-compatible"),
            ("64:ff9b::10.1.2.3", "NAT64"),
            ("2002:a01:203::", "6to4"),
            ("::ffff:0:10.1.2.3", "reserved"),
        ] {
            assert_eq!(may_dial(address(closed), &granted), Err(range), "{closed}");
        }
    }

    #[test]
    fn an_exception_for_ipv6_smuggles_no_ipv4_through() {
        for granted in ["::/0", "::ffff:0:0/96", "64:ff9b::/96"] {
            for (closed, range) in [
                ("127.0.0.1", "loopback"),
                ("::ffff:10.0.0.1", "private"),
                ("::ffff:169.254.169.254", "cloud metadata"),
            ] {
                assert_eq!(may_dial(address(closed), &nets(&[granted])), Err(range), "{granted} {closed}");
            }
        }
        let everything = nets(&["::/0"]);
        for (closed, range) in [
            ("64:ff9b::10.0.0.1", "private"),
            ("64:ff9b::169.254.169.254", "cloud metadata"),
            ("2002:7f00:1::1", "loopback"),
            ("::127.0.0.1", "loopback"),
        ] {
            assert_eq!(may_dial(address(closed), &everything), Err(range), "{closed}");
        }
        for open in ["::1", "fe80::1", "64:ff9b::8.8.8.8", "2002:808:808::1"] {
            assert_eq!(may_dial(address(open), &everything), Ok(()), "{open}");
        }
        let both = nets(&["64:ff9b::/96", "10.0.0.0/8"]);
        assert_eq!(may_dial(address("64:ff9b::10.0.0.1"), &both), Ok(()));
    }

    fn any_v4() -> impl Strategy<Value = Ipv4Addr> {
        any::<u32>().prop_map(Ipv4Addr::from_bits)
    }

    fn any_net() -> impl Strategy<Value = IpNet> {
        let v4 = (any_v4(), 0..=32u8).prop_map(|(at, prefix)| Ipv4Net::new(at, prefix).unwrap().into());
        let v6 = (any::<u128>(), 0..=128u8)
            .prop_map(|(at, prefix)| Ipv6Net::new(Ipv6Addr::from_bits(at), prefix).unwrap().into());
        prop_oneof![v4, v6]
    }

    proptest! {
        #[test]
        fn a_mapped_address_is_judged_as_the_ipv4_address_in_it(
            v4 in any_v4(),
            private in prop::collection::vec(any_net(), 0..4),
        ) {
            let mapped = IpAddr::V6(v4.to_ipv6_mapped());
            prop_assert_eq!(closed_range(mapped), closed_range(v4.into()));
            prop_assert_eq!(may_dial(mapped, &private), may_dial(v4.into(), &private));
        }

        #[test]
        fn what_the_standard_library_knows_as_special_is_closed(v4 in any_v4(), low in any::<u128>()) {
            let special = v4.is_private() || v4.is_loopback() || v4.is_link_local() || v4.is_multicast()
                || v4.is_broadcast() || v4.is_documentation() || v4.is_unspecified();
            prop_assert!(!special || closed_range(v4.into()).is_some());
            let v6 = Ipv6Addr::from_bits(low);
            let global = v6.segments()[0] & 0xe000 == 0x2000 || v6.to_ipv4_mapped().is_some();
            prop_assert!(global || closed_range(v6.into()).is_some());
        }

        #[test]
        fn no_translated_address_reaches_what_is_closed_by_itself(
            v4 in any_v4(),
            private in prop::collection::vec(any_net(), 0..4),
        ) {
            let bits = u128::from(v4.to_bits());
            let nat64 = Ipv6Addr::from_bits(NAT64.addr().to_bits() | bits);
            let six_to_four = Ipv6Addr::from_bits(SIX_TO_FOUR.addr().to_bits() | bits << 80);
            for outer in [nat64, six_to_four] {
                let outer = may_dial(outer.into(), &private);
                prop_assert!(outer.is_err() || may_dial(v4.into(), &private).is_ok());
            }
        }

        #[test]
        fn an_exception_for_one_address_opens_it(v4 in any_v4(), other in any_v4()) {
            let private = [Ipv4Net::from(v4).into()];
            prop_assert_eq!(may_dial(v4.into(), &private), Ok(()));
            prop_assert!(other == v4 || may_dial(other.into(), &private) == may_dial(other.into(), &[]));
        }
    }
}
