SELECT count(*) FROM _user u WHERE user_filter();
