"""Files on their way between an institution and the platform: sent by 9101, fetched by 9102."""
