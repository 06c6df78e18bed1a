"""Lambda's limits on the size of code, and shorts' own on what it unpacks.

https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
"""

MB = 1024 * 1024
# The largest zip that Lambda accepts without S3, in bytes.
UPLOAD = 50 * MB
# The most that a function's code may have, unpacked, with its layers, in bytes.
UNZIPPED = 250 * MB
# How many layers a function may have, and how many shorts adds to one template: CloudFormation
# takes 500 resources.
LAYERS = 5
SHARED_LAYERS = 50
# What one distribution or one zip may unpack to, in bytes. Trimming can make what is too large for
# Lambda small enough, so it is eight times as much. More would fill the disk: a decompression bomb.
UNPACKED = 2_000_000_000
# How many folders deep its files may be; in real distributions they are ten deep.
DEPTH = 100
# An event, as JSON, and what a function returns, in bytes. Lambda's own error names the latter.
EVENT = 6 * MB
ANSWER = EVENT + 100
# The request line and all headers of a request to API Gateway together, in bytes.
# https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
REQUEST_HEAD = 10_240
# How much of a log an invocation returns with `LogType: Tail`, in bytes.
# https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
TAIL = 4096
