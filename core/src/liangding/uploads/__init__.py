"""Daily uploads (信息采集上传): taken in at any time, held to their declaration at once, sent when the province wants
them, each until it is on the platform or refused."""
