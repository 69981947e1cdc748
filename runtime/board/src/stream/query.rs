//! What a client asks to see: the query of its URL.
use crate::{Filter, Keys};
use url::form_urlencoded;

/// # Errors
/// What is wrong, for the client.
pub fn filter(query: &str) -> Result<Filter, String> {
    let mut filter = Filter::all();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let is_repeated = match &*name {
            "tenant" => filter.tenant.replace(value.into_owned()).is_some(),
            "instance" => {
                let instance =
                    value.parse().map_err(|error| format!("instance=tenant/connector/account: {error}"))?;
                filter.instance.replace(instance).is_some()
            }
            "key" => filter.key.replace(keys(&value)).is_some(),
            _ => return Err(format!("there is no {name:?} in the query, only tenant, instance and key")),
        };
        if is_repeated {
            return Err(format!("{name} is there twice; ask for each by itself"));
        }
    }
    Ok(filter)
}

fn keys(wanted: &str) -> Keys {
    match wanted.strip_suffix('*') {
        Some(prefix) => Keys::Beginning(prefix.into()),
        None => Keys::Exactly(wanted.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_names_what_is_wanted() {
        let beginning = |prefix: &str| Some(Keys::Beginning(prefix.into()));
        for (query, wanted) in [
            ("", Filter::all()),
            ("&&", Filter::all()),
            ("tenant=t", Filter { tenant: Some("t".into()), ..Filter::all() }),
            ("instance=t/occum/a", Filter { instance: Some("t/occum/a".parse().unwrap()), ..Filter::all() }),
            (
                "instance=t%2Foccum%2Fa&key=*",
                Filter { instance: Some("t/occum/a".parse().unwrap()), key: beginning(""), ..Filter::all() },
            ),
            ("key=a%20b*", Filter { key: beginning("a b"), ..Filter::all() }),
            ("key=a%2A*", Filter { key: beginning("a*"), ..Filter::all() }),
            ("key=a", Filter { key: Some(Keys::Exactly("a".into())), ..Filter::all() }),
        ] {
            assert_eq!(filter(query), Ok(wanted), "{query}");
        }
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (query, why) in [
            ("token=x", "there is no \"token\" in the query, only tenant, instance and key"),
            ("Key=x", "there is no \"Key\""),
            ("%00=x", "there is no \"\\0\""),
            ("instance=t/occum", "instance=tenant/connector/account: account \"\" is not a name"),
            ("key=a&key=b", "key is there twice"),
            ("tenant=a&tenant=a", "tenant is there twice"),
        ] {
            let error = filter(query).unwrap_err();
            assert!(error.starts_with(why), "{query}: {error}");
        }
    }
}
