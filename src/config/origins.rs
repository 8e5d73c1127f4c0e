//! `CORS_ORIGINS`.

use http::{HeaderValue, Uri};

/// The origins whose pages may call the API from a browser.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Origins {
    #[default]
    None,
    /// `*`: every origin.
    Any,
    /// These origins, compared byte for byte.
    These(Vec<String>),
}

impl Origins {
    /// Parses `*`, or origins as browsers send them, separated by commas.
    pub fn parse(raw: &str) -> Result<Self, &'static str> {
        if raw.trim() == "*" {
            return Ok(Self::Any);
        }
        let origins = raw.split(',').map(str::trim);
        let origins: Option<Vec<_>> = origins
            .map(|origin| is_origin(origin).then(|| origin.to_owned()))
            .collect();
        origins
            .map(Self::These)
            .ok_or("must be * or origins like https://example.com, separated by commas")
    }

    /// The value of `Access-Control-Allow-Origin` for a page of this origin; `None` when it is not
    /// allowed.
    pub fn allowed(&self, origin: &HeaderValue) -> Option<HeaderValue> {
        match self {
            Self::None => None,
            Self::Any => Some(HeaderValue::from_static("*")),
            Self::These(origins) => origins
                .iter()
                .any(|known| known.as_bytes() == origin.as_bytes())
                .then(|| origin.clone()),
        }
    }
}

/// Whether this is an origin as browsers serialise it: lower case, no path, no default port.
fn is_origin(raw: &str) -> bool {
    let Ok(uri) = raw.parse::<Uri>() else {
        return false;
    };
    let (Some(scheme @ ("http" | "https")), Some(authority)) = (uri.scheme_str(), uri.authority())
    else {
        return false;
    };
    let default_port = if scheme == "https" { ":443" } else { ":80" };
    raw == format!("{scheme}://{authority}")
        && raw == raw.to_ascii_lowercase()
        && !raw.contains('@')
        && !authority.host().is_empty()
        && !raw.ends_with(default_port)
}
