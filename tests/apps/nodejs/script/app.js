exports.handler = async () => "script";
