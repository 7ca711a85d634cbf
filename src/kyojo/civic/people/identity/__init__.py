"""Who somebody is, by an authentication app: OpenID Connect towards one provider (the Digital
Agency's デジタル認証アプリ). ``provider`` speaks with it, ``tokens`` and ``comparing`` are pure."""
