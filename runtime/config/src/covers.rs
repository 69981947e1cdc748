//! Whether rules give what another rule asks for. A rule only tells whether it allows a URL, so it is tried with URLs
//! that no other rule would speak of by chance. Only for telling people what is not given: the rules decide.
use ports::reach::{CheckedUrl, UrlRule};

/// No rule names it.
const ANY: &str = "zz9-any";
const ANY_METHOD: &str = "ZZANY";

pub(crate) fn covers(given: &[&UrlRule], asked: &UrlRule) -> bool {
    let allowed = |(method, url): &(Option<String>, CheckedUrl)| {
        given.iter().any(|rule| rule.allows(method.as_deref(), url))
    };
    let examples = examples(&asked.to_string());
    given.contains(&asked) || !examples.is_empty() && examples.iter().all(allowed)
}

/// None where a URL cannot be made.
fn examples(rule: &str) -> Vec<(Option<String>, CheckedUrl)> {
    let (methods, pattern) = rule.split_once(' ').unwrap_or(("", rule));
    let methods: Vec<Option<String>> = match methods {
        _ if pattern.starts_with("ws") => vec![None],
        "" => vec![Some(ANY_METHOD.into())],
        named => named.split(',').map(|method| Some(method.to_owned())).collect(),
    };
    let (scheme, rest) = pattern.split_once("://").unwrap_or_default();
    let (host, path) = rest.split_once('/').unwrap_or((rest, "*"));
    let host = host.replace('*', ANY);
    let paths = match path.strip_suffix('*') {
        Some(begin) => vec![begin.to_owned(), format!("{begin}{ANY}/{ANY}")],
        None => vec![path.to_owned()],
    };
    let urls = paths.iter().map(|path| format!("{scheme}://{host}/{}", path.replace('*', ANY)));
    let urls: Option<Vec<_>> = urls.map(|url| CheckedUrl::parse(&url).ok()).collect();
    let urls = urls.unwrap_or_default();
    methods.iter().flat_map(|method| urls.iter().map(|url| (method.clone(), url.clone()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wider_rules_cover_narrower_ones_and_not_the_reverse() {
        for (wide, narrow) in [
            ("https://a.test", "GET https://a.test/v1/*"),
            ("https://*.a.test/v1/*", "https://b.a.test/v1/x*"),
            ("GET,POST https://a.test/v1/*", "POST https://a.test/v1/me"),
            ("https://a.test/v1/*/x", "https://a.test/v1/b/x"),
            ("https://a.test/*", "https://a.test/v1/*/x"),
            ("wss://a.test", "wss://a.test/ws"),
            ("https://A.test:443/", "https://a.test/"),
        ] {
            let (wide_rule, narrow_rule) = (wide.parse().unwrap(), narrow.parse().unwrap());
            assert!(covers(&[&wide_rule], &narrow_rule), "{wide} {narrow}");
            assert!(covers(&[&narrow_rule], &narrow_rule), "{narrow}");
            if wide != "https://A.test:443/" {
                assert!(!covers(&[&narrow_rule], &wide_rule), "{narrow} {wide}");
            }
        }
        let rule = |text: &str| text.parse::<UrlRule>().unwrap();
        let (get, post, both) =
            (rule("GET https://a.test"), rule("POST https://a.test"), rule("GET,POST https://a.test"));
        assert!(covers(&[&get, &post], &both) && !covers(&[&get], &both) && !covers(&[], &both));
    }
}
