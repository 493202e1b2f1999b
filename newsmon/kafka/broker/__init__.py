"""The Apache Kafka broker that `newsmon run` starts: its jars, Java, files, process and owner.

In: the state directory and `[kafka]` settings. Out: a broker on loopback. May import newsmon's ground floor; no stage.
"""
