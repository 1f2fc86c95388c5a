"""HTTP's text: quoting, header fields, dates, extracts.  It knows no request and no reply."""
