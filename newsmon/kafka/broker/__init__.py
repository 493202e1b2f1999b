"""The Apache Kafka broker that `newsmon run` starts: its jars, Java, files, process and owner.

In: the state directory, `[kafka]` settings. Out: a broker on loopback. May import the ground floor; no stage.
"""
