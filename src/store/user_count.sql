SELECT count(u.id) FROM _user u WHERE user_filter();
