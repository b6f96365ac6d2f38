# Varnish 7 with the xkey module (varnish-modules) in front of the service, told by tags what is old:
# CLINIC_CMS_EDGE=varnish+http://varnish:6081. It honours s-maxage and stale-while-revalidate by itself.
vcl 4.1;

import xkey;

backend api {
    .host = "api";
    .port = "8000";
}

# The machines that run the service and its worker, and nobody else.
acl purgers {
    "localhost";
    "10.0.0.0"/8;
    "172.16.0.0"/12;
}

sub vcl_recv {
    if (req.method == "PURGE") {
        if (client.ip !~ purgers) {
            return (synth(403, "Forbidden"));
        }
        if (!req.http.xkey-purge) {
            return (synth(400, "No xkey-purge"));
        }
        set req.http.X-Gone = xkey.purge(req.http.xkey-purge);
        return (synth(200, "Purged " + req.http.X-Gone));
    }
    if (req.http.Authorization || req.http.X-Min-Publication || req.url ~ "[?&]min_publication=") {
        return (pass);
    }
    unset req.http.Cookie;
}

sub vcl_backend_response {
    set beresp.http.xkey = beresp.http.Surrogate-Key;
}

sub vcl_deliver {
    unset resp.http.xkey;
    unset resp.http.Surrogate-Key;
}
