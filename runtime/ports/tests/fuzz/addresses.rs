//! Closed ranges against lists that were written down anew.
use super::*;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The IANA special-purpose address registries (IPv4 and IPv6, as of 2025): every entry that is not globally
/// reachable, and those that are but lead to no ordinary far end (relays, translation, AS112, assignments).
const REGISTRIES: &str = "
    0.0.0.0/8 0.0.0.0/32 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16 172.16.0.0/12 192.0.0.0/24 192.0.0.0/29
    192.0.0.8/32 192.0.0.9/32 192.0.0.10/32 192.0.0.170/32 192.0.0.171/32 192.0.2.0/24 192.31.196.0/24 192.88.99.0/24
    192.88.99.2/32 192.168.0.0/16 192.175.48.0/24 198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 240.0.0.0/4
    255.255.255.255/32
    ::1/128 ::/128 64:ff9b::/96 64:ff9b:1::/48 100::/64 100:0:0:1::/64 2001::/23 2001::/32 2001:1::1/128 2001:1::2/128
    2001:1::3/128 2001:2::/48 2001:3::/32 2001:4:112::/48 2001:10::/28 2001:20::/28 2001:30::/28 2001:db8::/32 2002::/16
    3fff::/20 5f00::/16 fc00::/7 fe80::/10
    224.0.0.0/4 ff00::/8 fec0::/10 ::/96 ::ffff:0:0:0/96 1000::/4 4000::/3 8000::/1
    169.254.169.254/32 169.254.170.2/32 100.100.100.200/32 168.63.129.16/32 fd00:ec2::254/128 fd20:ce::254/128";

fn registries() -> Vec<IpNet> {
    REGISTRIES.split_whitespace().map(|net| net.parse().unwrap()).collect()
}

fn within(net: IpNet, bits: u128) -> IpAddr {
    match net {
        IpNet::V4(net) => {
            Ipv4Addr::from_bits(net.network().to_bits() | bits as u32 & net.hostmask().to_bits()).into()
        }
        IpNet::V6(net) => {
            Ipv6Addr::from_bits(net.network().to_bits() | bits & net.hostmask().to_bits()).into()
        }
    }
}

fn v6(head: [u16; 6], v4: Ipv4Addr) -> IpAddr {
    let [a, b, c, d, e, f] = head;
    let low = v4.to_bits();
    Ipv6Addr::new(a, b, c, d, e, f, (low >> 16) as u16, low as u16).into()
}

fn special_v4() -> impl Strategy<Value = Ipv4Addr> {
    let nets: Vec<IpNet> = registries().into_iter().filter(|net| matches!(net, IpNet::V4(_))).collect();
    (select(nets), any::<u32>()).prop_map(|(net, bits)| match within(net, bits.into()) {
        IpAddr::V4(v4) => v4,
        IpAddr::V6(_) => unreachable!(),
    })
}

fn any_net() -> impl Strategy<Value = IpNet> {
    let drawn = (select(registries()), any::<u128>(), 0..=128u8);
    drawn.prop_map(|(net, bits, prefix)| {
        IpNet::new(within(net, bits), prefix % (net.max_prefix_len() + 1)).unwrap()
    })
}

#[test]
fn every_registered_range_is_closed_from_end_to_end() {
    for net in registries() {
        for at in [net.network(), net.broadcast()] {
            assert!(closed_range(at).is_some(), "{net}: {at}");
        }
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn every_address_of_a_registered_range_is_closed(net in select(registries()), bits in any::<u128>()) {
        prop_assert!(may_dial(within(net, bits), &[]).is_err());
    }

    #[test]
    fn what_is_in_no_registry_is_open(v4 in any::<u32>(), v6 in any::<u128>()) {
        for at in [IpAddr::from(Ipv4Addr::from_bits(v4)), Ipv6Addr::from_bits(v6 & !(7 << 125) | 1 << 125).into()] {
            let registered = registries().iter().any(|net| net.contains(&at));
            prop_assert_eq!(closed_range(at).is_some(), registered, "{}", at);
        }
    }

    #[test]
    fn what_the_standard_library_calls_special_is_closed(v4 in special_v4(), bits in any::<u128>()) {
        let at = Ipv4Addr::from_bits(bits as u32);
        for at in [v4, at] {
            let special = at.is_private() || at.is_loopback() || at.is_link_local() || at.is_multicast()
                || at.is_broadcast() || at.is_documentation() || at.is_unspecified();
            prop_assert!(!special || may_dial(at.into(), &[]).is_err(), "{}", at);
        }
        let at = Ipv6Addr::from_bits(bits);
        let special = at.is_loopback() || at.is_unspecified() || at.is_multicast() || at.is_unique_local()
            || at.is_unicast_link_local();
        prop_assert!(!special || may_dial(at.into(), &[]).is_err(), "{}", at);
    }

    /// Mapped: the same address. IPv4-compatible, translated (SIIT, NAT64), 6to4 and Teredo: closed whatever they
    /// lead to. NB: ISATAP (`::5efe:a.b.c.d` behind any prefix, RFC 5214) has a tunnel only on a host that was set up
    /// as an ISATAP client, and an interface id like any other elsewhere: under a global prefix it cannot be told.
    #[test]
    fn an_ipv4_address_inside_an_ipv6_one_opens_nothing(v4 in special_v4(), host in any::<u16>(), grants in prop::collection::vec(any_net(), 0..4)) {
        let [high, low] = [(v4.to_bits() >> 16) as u16, v4.to_bits() as u16];
        let mapped = v6([0, 0, 0, 0, 0, 0xffff], v4);
        prop_assert_eq!(closed_range(mapped), closed_range(v4.into()));
        prop_assert_eq!(may_dial(mapped, &grants), may_dial(v4.into(), &grants));
        let leads_there = [
            v6([0; 6], v4),
            v6([0x64, 0xff9b, 0, 0, 0, 0], v4),
            Ipv6Addr::new(0x2002, high, low, 0, 0, 0, 0, host).into(),
        ];
        // Any prefix of 64:ff9b:1::/48 may be the network's own, so where it leads is not known: closed.
        let closed = [
            v6([0, 0, 0, 0, 0xffff, 0], v4),
            v6([0x64, 0xff9b, 1, host, 0, 0], v4),
            Ipv6Addr::new(0x2001, 0, high, low, 0, host, !high, !low).into(),
            v6([0xfe80, 0, 0, 0, 0, 0x5efe], v4),
            v6([0xfe80, 0, 0, 0, 0x200, 0x5efe], v4),
        ];
        for at in leads_there.into_iter().chain(closed) {
            prop_assert!(may_dial(at, &[]).is_err(), "{}", at);
        }
        for at in leads_there.into_iter().filter(|at| *at != IpAddr::from(Ipv6Addr::LOCALHOST) && *at != IpAddr::from(Ipv6Addr::UNSPECIFIED)) {
            prop_assert!(may_dial(at, &grants).is_err() || may_dial(v4.into(), &grants).is_ok(), "{} {:?}", at, grants);
        }
        prop_assert_eq!(may_dial(v6([0x2600, 0, 0, 0, 0, 0x5efe], v4), &[]), Ok(()));
    }
}
