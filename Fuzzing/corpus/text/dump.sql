INSERT INTO `a` VALUES (1,'it\'s \"b\"\n\r\n'),(2,'\\あ');
1	a "b"\nc	\N
